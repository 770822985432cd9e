namespace Postern.Policies.Tests;

public sealed class RateCountersTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(5)]
    [InlineData(128)]
    [InlineData(1000)]
    public void No_window_ever_lets_more_than_the_limit_through(int calls)
    {
        var counters = new RateCounters();
        var random = new Random(1);
        var allowed = new List<DateTimeOffset>();
        var now = Start;
        for (var i = 0; i < 20_000; i++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(0, 60_000 / calls));
            if (counters.TryTake("k", calls, Minute, now).Allowed)
            {
                allowed.Add(now);
            }
        }

        for (var i = calls; i < allowed.Count; i++)
        {
            Assert.True(allowed[i] - allowed[i - calls] >= Minute, $"call {i} at {allowed[i]:O}");
        }
    }

    [Fact]
    public void Waiting_as_long_as_told_is_enough()
    {
        var counters = new RateCounters();
        var now = Start;
        for (var i = 0; i < 50; i++)
        {
            var decision = counters.TryTake("k", 3, TimeSpan.FromSeconds(10), now);
            if (!decision.Allowed)
            {
                now += TimeSpan.FromSeconds(decision.RetryAfterSeconds);
                Assert.True(counters.TryTake("k", 3, TimeSpan.FromSeconds(10), now).Allowed);
            }

            now += TimeSpan.FromMilliseconds(700);
        }
    }

    [Fact]
    public void A_limit_of_many_calls_is_nearly_used_up_in_steady_traffic()
    {
        var counters = new RateCounters();
        var allowed = Enumerable.Range(0, 6000).Count(i => counters.TryTake("k", 1000, Minute, Start.AddMilliseconds(i * 50)).Allowed);
        Assert.InRange(allowed, 4900, 5000 + 1000);
    }

    [Fact]
    public void Late_counts_may_pass_the_limit_and_then_block()
    {
        var counters = new RateCounters();
        counters.Add("k", 2, Minute, Start, 5);
        Assert.False(counters.Look("k", 2, Minute, Start.AddSeconds(59)).Allowed);
        Assert.True(counters.Look("k", 2, Minute, Start.AddSeconds(60)).Allowed);
    }

    [Fact]
    public void Looking_tells_what_would_be_left_and_takes_nothing()
    {
        var counters = new RateCounters();
        Assert.Equal(1, counters.Look("k", 2, Minute, Start).Remaining);
        Assert.Equal(1, counters.Look("k", 2, Minute, Start).Remaining);
        Assert.Equal(1, counters.TryTake("k", 2, Minute, Start).Remaining);
        Assert.Equal(0, counters.TryTake("k", 2, Minute, Start).Remaining);
    }

    [Fact]
    public void Keys_that_ran_empty_are_forgotten()
    {
        var counters = new RateCounters();
        for (var i = 0; i < 1000; i++)
        {
            counters.TryTake($"k{i}", 2, Minute, Start);
        }

        counters.TryTake("other", 2, Minute, Start.AddMinutes(3));
        Assert.Equal(1, counters.Count);
    }

    [Fact]
    public void Concurrent_callers_get_exactly_the_limit()
    {
        var counters = new RateCounters();
        var allowed = 0;
        Parallel.For(0, 10_000, _ =>
        {
            if (counters.TryTake("k", 77, Minute, Start).Allowed)
            {
                Interlocked.Increment(ref allowed);
            }
        });
        Assert.Equal(77, allowed);
    }
}
