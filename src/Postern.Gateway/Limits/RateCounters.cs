using System.Collections.Concurrent;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Limits;

/// <summary>All rate-limit counters of this process. They outlive states, so a configuration change resets no limit.</summary>
internal sealed class RateCounters : IRateCounters
{
    private static readonly long SweepEvery = TimeSpan.FromMinutes(1).Ticks;

    private readonly ConcurrentDictionary<string, SlidingWindow> _windows = new(StringComparer.Ordinal);
    private long _nextSweep;

    public int Count => _windows.Count;

    public RateDecision TryTake(string key, int calls, TimeSpan period, DateTimeOffset now)
    {
        var ticks = now.UtcTicks;
        Sweep(ticks);
        var window = Window(key);
        lock (window)
        {
            var (free, next) = window.Look(calls, period.Ticks, ticks);
            if (free == 0)
            {
                return Refused(next, ticks);
            }

            window.Take(calls, period.Ticks, ticks, 1);
            return new(true, free - 1, 0);
        }
    }

    public RateDecision Look(string key, int calls, TimeSpan period, DateTimeOffset now)
    {
        if (!_windows.TryGetValue(key, out var window))
        {
            return new(calls > 0, Math.Max(0, calls - 1), calls > 0 ? 0 : 1);
        }

        lock (window)
        {
            var (free, next) = window.Look(calls, period.Ticks, now.UtcTicks);
            return free == 0 ? Refused(next, now.UtcTicks) : new(true, free - 1, 0);
        }
    }

    public void Add(string key, int calls, TimeSpan period, DateTimeOffset now, int count)
    {
        if (count <= 0)
        {
            return;
        }

        var window = Window(key);
        lock (window)
        {
            window.Look(calls, period.Ticks, now.UtcTicks);
            window.Take(calls, period.Ticks, now.UtcTicks, count);
        }
    }

    private static RateDecision Refused(long next, long now) =>
        new(false, 0, (int)Math.Max(1, (next - now + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond));

    private SlidingWindow Window(string key) =>
        _windows.TryGetValue(key, out var window) ? window : _windows.GetOrAdd(key, static _ => new());

    /// <summary>Drops keys that nobody used for a whole window: keys may come from callers.</summary>
    private void Sweep(long now)
    {
        var due = Volatile.Read(ref _nextSweep);
        if (now < due || Interlocked.CompareExchange(ref _nextSweep, now + SweepEvery, due) != due)
        {
            return;
        }

        foreach (var (key, window) in _windows)
        {
            lock (window)
            {
                if (window.IdleAt != 0 && window.IdleAt < now)
                {
                    _windows.TryRemove(new(key, window));
                }
            }
        }
    }
}
