using Microsoft.Extensions.Logging;
using Postern.Gateway.Backends;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;
using Postern.Testing;

namespace Postern.Gateway.Tests.Backends;

/// <summary>What opens a circuit and for how long, on a clock of the test's own.</summary>
public sealed class CircuitBreakerTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly CapturedLogs _logs = new();

    [Fact]
    public void It_opens_at_the_count_and_closes_fully_when_its_time_is_over()
    {
        var breaker = Breaker(Parts.Backends.Rule(3));

        Answer(breaker, 500, 503, 200);
        Assert.False(breaker.IsOpen);
        Answer(breaker, 599);
        Assert.True(breaker.IsOpen);
        Assert.Equal((null, 60), breaker.Refusal);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(breaker.IsOpen);
        Assert.Equal(1, breaker.Refusal.Seconds);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(breaker.IsOpen);

        // No half-open state: it takes the whole count again.
        Answer(breaker, 500, 500);
        Assert.False(breaker.IsOpen);
        Answer(breaker, 500);
        Assert.True(breaker.IsOpen);
    }

    [Fact]
    public void Failures_that_are_older_than_the_interval_do_not_count()
    {
        var breaker = Breaker(Parts.Backends.Rule(3));

        for (var i = 0; i < 20; i++)
        {
            Answer(breaker, 500);
            _time.Advance(TimeSpan.FromSeconds(5.1));
        }

        Assert.False(breaker.IsOpen);
        Answer(breaker, 500, 500);
        Assert.True(breaker.IsOpen);
    }

    [Fact]
    public void A_percentage_needs_some_calls_and_is_of_those_within_the_interval()
    {
        var breaker = Breaker(Parts.Backends.Rule(null, 40));

        Answer(breaker, 500, 500, 500, 500);
        Assert.False(breaker.IsOpen);
        _time.Advance(TimeSpan.FromSeconds(11));

        Answer(breaker, 200, 200, 200, 200, 200, 500, 500, 500);
        Assert.False(breaker.IsOpen);
        Answer(breaker, 500);
        Assert.True(breaker.IsOpen);
    }

    [Theory]
    [InlineData(428, false)]
    [InlineData(429, true)]
    [InlineData(430, false)]
    [InlineData(499, false)]
    [InlineData(500, true)]
    [InlineData(599, true)]
    public void Only_statuses_of_the_ranges_are_failures(int status, bool opens)
    {
        var breaker = Breaker(Parts.Backends.Rule() with { Statuses = [new(429, 429), new(500, 599)] });

        Answer(breaker, status);

        Assert.Equal(opens, breaker.IsOpen);
    }

    [Theory]
    [InlineData("Timeout", "timeout", true)]
    [InlineData("Timeout", "BackendConnectionFailure", false)]
    [InlineData("BackendConnectionFailure", "BackendConnectionFailure", true)]
    public void Error_reasons_are_those_of_calls_without_an_answer(string reason, string named, bool opens)
    {
        var breaker = Breaker(Parts.Backends.Rule() with { Statuses = [], Reasons = [named] });

        Answer(breaker, 500);
        Assert.False(breaker.IsOpen);
        breaker.Failed(reason);

        Assert.Equal(opens, breaker.IsOpen);
    }

    [Fact]
    public void A_call_without_an_answer_counts_as_the_500_that_the_caller_gets()
    {
        var errors = Breaker(Parts.Backends.Rule());
        var throttled = Breaker(Parts.Backends.Rule() with { Statuses = [new(429, 429)] });

        errors.Failed("BackendConnectionFailure");
        throttled.Failed("BackendConnectionFailure");

        Assert.True(errors.IsOpen);
        Assert.False(throttled.IsOpen);
    }

    [Fact]
    public void A_rule_whose_reasons_are_only_words_for_people_means_server_errors()
    {
        var breaker = Breaker(Parts.Backends.Rule() with { Statuses = [], Reasons = ["Server errors"] });

        Answer(breaker, 404);
        Assert.False(breaker.IsOpen);
        Answer(breaker, 502);
        Assert.True(breaker.IsOpen);
    }

    [Theory]
    [InlineData("7", true, 7)]
    [InlineData("7", false, 60)]
    [InlineData("Fri, 20 Nov 2026 10:00:30 GMT", true, 30)]
    [InlineData("Fri, 20 Nov 2026 09:00:00 GMT", true, 60)]
    [InlineData("0", true, 60)]
    [InlineData("-5", true, 60)]
    [InlineData("soon", true, 60)]
    [InlineData("99999999999999", true, 86400)]
    public void The_failing_answers_retry_after_decides_when_it_is_accepted(string header, bool accepted, int seconds)
    {
        var breaker = Breaker(Parts.Backends.Rule(acceptRetryAfter: accepted));

        breaker.Answered(503, header);

        Assert.Equal(seconds, breaker.Refusal.Seconds);
    }

    [Fact]
    public void Opening_and_closing_are_told_once_each_even_without_traffic()
    {
        var breaker = Breaker(Parts.Backends.Rule());

        Answer(breaker, 500, 500, 500);
        Assert.Equal(1, _logs.CountOf("CircuitBreakerOpened"));
        Assert.Equal(0, _logs.CountOf("CircuitBreakerClosed"));
        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(1, _logs.CountOf("CircuitBreakerClosed"));
        Assert.False(breaker.IsOpen);
        Assert.Equal(1, _logs.CountOf("CircuitBreakerClosed"));
        Assert.Equal(0, _time.Waiting);
    }

    [Fact]
    public void Each_rule_counts_for_itself_and_the_one_that_opened_says_what_callers_get()
    {
        var breaker = Breaker(Parts.Backends.Rule(5), Parts.Backends.Rule(2, failureStatus: 429) with { Name = "throttled", Statuses = [new(429, 429)], TripDuration = TimeSpan.FromSeconds(5) });

        Answer(breaker, 500, 429, 500, 429);

        Assert.Equal((429, 5), breaker.Refusal);
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var breaker = Breaker(Parts.Backends.Rule(1_000_000, 99.9));
        Answer(breaker, 200, 500);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            Assert.True(!breaker.IsOpen);
            breaker.Answered(200, default);
            breaker.Answered(500, default);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose() => _logs.Dispose();

    private static void Answer(CircuitBreaker breaker, params IEnumerable<int> statuses)
    {
        foreach (var status in statuses)
        {
            breaker.Answered(status, default);
        }
    }

    private CircuitBreaker Breaker(params CircuitRuleSnapshot[] rules) => new("b", rules, Parts.Backends.Signals(_time, _logs.CreateLogger("")));
}
