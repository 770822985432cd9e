using System.Collections.Concurrent;

namespace Postern.Policies.Runtime;

/// <summary>Counters of fixed periods for calls and bytes. They live in this process; its host may keep them over a restart.</summary>
public sealed class QuotaCounters
{
    private static readonly long SweepEvery = TimeSpan.FromMinutes(5).Ticks;

    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);
    private long _nextSweep;
    private long _changes;

    /// <summary>Grows whenever something is counted.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>What is counted in periods that are not over, for <see cref="Restore"/>.</summary>
    public IReadOnlyList<QuotaCount> Read(DateTimeOffset now)
    {
        var counts = new List<QuotaCount>(_counters.Count);
        foreach (var (key, counter) in _counters)
        {
            lock (counter)
            {
                if (counter.End > now && (counter.Calls > 0 || counter.Bytes > 0))
                {
                    counts.Add(new(key, counter.Start, counter.End, counter.Calls, counter.Bytes));
                }
            }
        }

        return counts;
    }

    /// <summary>To be called before anything is counted. A counter whose period is another one by now begins anew when it is next used.</summary>
    public void Restore(IEnumerable<QuotaCount> counts)
    {
        foreach (var count in counts)
        {
            _counters[count.Key] = new() { Start = count.Start, End = count.End, Calls = count.Calls, Bytes = count.Bytes };
        }
    }

    /// <summary>
    /// Keeps a counter to the caller alone until it is let go, so that no other call comes between looking and counting. Who holds several
    /// takes them in the same order as all others do.
    /// </summary>
    internal QuotaHold Hold(string key, QuotaPeriod period)
    {
        Sweep(period.Now);
        while (true)
        {
            var counter = _counters.GetOrAdd(key, static _ => new Counter());
            Monitor.Enter(counter);
            if (!counter.IsForgotten)
            {
                counter.MoveTo(period);
                return new(this, counter);
            }

            Monitor.Exit(counter);
        }
    }

    internal void Add(string key, QuotaPeriod period, long calls, long bytes)
    {
        using var hold = Hold(key, period);
        hold.Add(calls, bytes);
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
            lock (counter)
            {
                if (counter.End < now)
                {
                    counter.IsForgotten = _counters.TryRemove(key, out _);
                }
            }
        }
    }

    /// <summary>One counter, locked.</summary>
    internal readonly ref struct QuotaHold(QuotaCounters owner, Counter counter)
    {
        /// <summary>What has been counted in the current period.</summary>
        public (long Calls, long Bytes) Used => (counter.Calls, counter.Bytes);

        public void Add(long calls, long bytes)
        {
            counter.Calls += calls;
            counter.Bytes += bytes;
            Interlocked.Increment(ref owner._changes);
        }

        public void Dispose() => Monitor.Exit(counter);
    }

    internal sealed class Counter
    {
        /// <summary>Another counter has its place: nothing is counted here any more.</summary>
        public bool IsForgotten;

        public DateTimeOffset Start;
        public DateTimeOffset End;
        public long Calls;
        public long Bytes;

        public void MoveTo(QuotaPeriod period)
        {
            if (Start != period.Start)
            {
                (Start, Calls, Bytes) = (period.Start, 0, 0);
            }

            End = period.End;
        }
    }
}

/// <summary>One counter: calls and bytes of the period from <paramref name="Start"/> to <paramref name="End"/>.</summary>
public sealed record QuotaCount(string Key, DateTimeOffset Start, DateTimeOffset End, long Calls, long Bytes);

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
