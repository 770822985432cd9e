using System.Collections.Concurrent;

namespace Postern.Policies.Runtime;

/// <summary>Counters of fixed periods for calls and bytes. They live in this process: a restart begins anew.</summary>
internal sealed class QuotaCounters
{
    private static readonly long SweepEvery = TimeSpan.FromMinutes(5).Ticks;

    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);
    private long _nextSweep;

    /// <summary>What has been counted in the current period.</summary>
    public (long Calls, long Bytes) Look(string key, QuotaPeriod period) => Use(key, period, 0, 0);

    public void Add(string key, QuotaPeriod period, long calls, long bytes) => Use(key, period, calls, bytes);

    private (long Calls, long Bytes) Use(string key, QuotaPeriod period, long calls, long bytes)
    {
        Sweep(period.Now);
        var counter = _counters.GetOrAdd(key, static _ => new Counter());
        lock (counter)
        {
            if (counter.Start != period.Start)
            {
                (counter.Start, counter.Calls, counter.Bytes) = (period.Start, 0, 0);
            }

            counter.End = period.End;
            counter.Calls += calls;
            counter.Bytes += bytes;
            return (counter.Calls, counter.Bytes);
        }
    }

    private void Sweep(DateTimeOffset now)
    {
        var due = Volatile.Read(ref _nextSweep);
        if (now.UtcTicks < due || Interlocked.CompareExchange(ref _nextSweep, now.UtcTicks + SweepEvery, due) != due)
        {
            return;
        }

        foreach (var (key, counter) in _counters)
        {
            if (counter.End < now)
            {
                _counters.TryRemove(key, out _);
            }
        }
    }

    private sealed class Counter
    {
        public DateTimeOffset Start;
        public DateTimeOffset End;
        public long Calls;
        public long Bytes;
    }
}

/// <summary>The period that a moment falls into.</summary>
/// <param name="End">The end of time for a quota that is never replenished.</param>
internal readonly record struct QuotaPeriod(DateTimeOffset Start, DateTimeOffset End, DateTimeOffset Now)
{
    /// <param name="anchor">Where periods begin to be counted.</param>
    /// <param name="length">Zero: one period without end.</param>
    public static QuotaPeriod At(DateTimeOffset now, DateTimeOffset anchor, TimeSpan length)
    {
        if (length <= TimeSpan.Zero)
        {
            return new(anchor, DateTimeOffset.MaxValue, now);
        }

        var periods = (now.UtcTicks - anchor.UtcTicks) / length.Ticks - (now < anchor ? 1 : 0);
        var start = anchor.UtcTicks + (periods * length.Ticks);
        return new(new(start, TimeSpan.Zero), new(Math.Min(start + length.Ticks, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero), now);
    }
}
