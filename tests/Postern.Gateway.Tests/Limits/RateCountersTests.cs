using Postern.Gateway.Limits;

namespace Postern.Gateway.Tests.Limits;

public sealed class RateCountersTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly RateCounters _counters = new();

    [Fact]
    public void Calls_fit_until_the_window_is_full_and_then_wait_for_the_oldest()
    {
        Assert.Equal(2, _counters.TryTake("k", 3, Minute, Start).Remaining);
        Assert.Equal(1, _counters.TryTake("k", 3, Minute, Start.AddSeconds(10)).Remaining);
        Assert.Equal(0, _counters.TryTake("k", 3, Minute, Start.AddSeconds(20)).Remaining);

        var refused = _counters.TryTake("k", 3, Minute, Start.AddSeconds(30.5));
        Assert.False(refused.Allowed);
        Assert.Equal(30, refused.RetryAfterSeconds);

        Assert.True(_counters.TryTake("k", 3, Minute, Start.AddSeconds(60)).Allowed);
        Assert.False(_counters.TryTake("k", 3, Minute, Start.AddSeconds(61)).Allowed);
    }

    [Fact]
    public void A_refused_call_takes_no_slot()
    {
        _counters.TryTake("k", 1, Minute, Start);
        for (var second = 1; second < 60; second++)
        {
            Assert.False(_counters.TryTake("k", 1, Minute, Start.AddSeconds(second)).Allowed);
        }

        Assert.True(_counters.TryTake("k", 1, Minute, Start.AddSeconds(60)).Allowed);
    }

    [Fact]
    public void Keys_do_not_know_each_other()
    {
        Assert.True(_counters.TryTake("a", 1, Minute, Start).Allowed);
        Assert.True(_counters.TryTake("b", 1, Minute, Start).Allowed);
        Assert.False(_counters.TryTake("a", 1, Minute, Start).Allowed);
    }

    [Fact]
    public void Looking_counts_nothing_and_adding_counts_beyond_the_limit()
    {
        Assert.True(_counters.Look("k", 1, Minute, Start).Allowed);
        Assert.True(_counters.TryTake("k", 1, Minute, Start).Allowed);
        Assert.False(_counters.Look("k", 1, Minute, Start).Allowed);

        _counters.Add("m", 2, Minute, Start, 5);
        Assert.False(_counters.TryTake("m", 2, Minute, Start.AddSeconds(59)).Allowed);
        Assert.True(_counters.TryTake("m", 2, Minute, Start.AddSeconds(60)).Allowed);
    }

    [Fact]
    public void A_large_limit_is_kept_in_little_memory_and_never_exceeded_within_a_window()
    {
        var random = new Random(3);
        var taken = new List<DateTimeOffset>();
        var now = Start;
        for (var i = 0; i < 100_000; i++)
        {
            now = now.AddMilliseconds(random.Next(3));
            if (_counters.TryTake("k", 5000, TimeSpan.FromSeconds(10), now).Allowed)
            {
                taken.Add(now);
            }
        }

        // A slot may come free 1/256 of the window early.
        var shortened = TimeSpan.FromSeconds(10) - TimeSpan.FromSeconds(10 / 256d);
        var first = 0;
        for (var last = 0; last < taken.Count; last++)
        {
            while (taken[last] - taken[first] >= shortened)
            {
                first++;
            }

            Assert.True(last - first + 1 <= 5000);
        }

        Assert.True(taken.Count > 10_000);
    }

    [Fact]
    public void Unused_keys_are_forgotten()
    {
        for (var i = 0; i < 1000; i++)
        {
            _counters.TryTake($"k{i}", 1, TimeSpan.FromSeconds(1), Start.AddSeconds(1));
        }

        _counters.TryTake("last", 1, TimeSpan.FromSeconds(1), Start.AddMinutes(5));
        Assert.Equal(1, _counters.Count);
    }

    [Fact]
    public async Task Many_threads_take_exactly_the_limit()
    {
        var allowed = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                if (_counters.TryTake("k", 100, Minute, Start).Allowed)
                {
                    Interlocked.Increment(ref allowed);
                }
            }
        })));

        Assert.Equal(100, allowed);
    }
}
