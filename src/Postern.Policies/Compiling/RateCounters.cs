using System.Collections.Concurrent;
using Postern.Policies.Runtime;

namespace Postern.Policies;

/// <summary>
/// Sliding windows in memory. Exact up to <see cref="Window.Exact"/> calls per window; above that calls within a small part of
/// the window are counted together, and always as late as the latest of them, so never more than the limit get through.
/// </summary>
public sealed class RateCounters : IRateCounters
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);
    private long _nextSweep;

    /// <summary>Keys that are being counted.</summary>
    public int Count => _windows.Count;

    public RateDecision TryTake(string key, int calls, TimeSpan period, DateTimeOffset now, int count = 1)
    {
        var window = Enter(key, now);
        try
        {
            return window.TryTake(calls, period.Ticks, now.UtcTicks, count);
        }
        finally
        {
            Monitor.Exit(window);
        }
    }

    public RateDecision Look(string key, int calls, TimeSpan period, DateTimeOffset now)
    {
        var window = Enter(key, now);
        try
        {
            return window.Look(calls, period.Ticks, now.UtcTicks);
        }
        finally
        {
            Monitor.Exit(window);
        }
    }

    public void Add(string key, int calls, TimeSpan period, DateTimeOffset now, int count)
    {
        var window = Enter(key, now);
        try
        {
            window.Add(count, calls, period.Ticks, now.UtcTicks);
        }
        finally
        {
            Monitor.Exit(window);
        }
    }

    /// <summary>The key's window, locked. One that was just forgotten counts for nobody: another has its place.</summary>
    private Window Enter(string key, DateTimeOffset now)
    {
        Sweep(now.UtcTicks);
        while (true)
        {
            var window = _windows.TryGetValue(key, out var known) ? known : _windows.GetOrAdd(key, static _ => new Window());
            Monitor.Enter(window);
            if (!window.IsForgotten)
            {
                return window;
            }

            Monitor.Exit(window);
        }
    }

    /// <summary>Forgets windows that have run empty, so that keys chosen by callers can't fill the memory.</summary>
    private void Sweep(long now)
    {
        var due = Volatile.Read(ref _nextSweep);
        if (now < due || Interlocked.CompareExchange(ref _nextSweep, now + SweepEvery.Ticks, due) != due)
        {
            return;
        }

        foreach (var (key, window) in _windows)
        {
            lock (window)
            {
                if (window.IsEmptyAt(now))
                {
                    window.IsForgotten = _windows.TryRemove(key, out _);
                }
            }
        }
    }

    private sealed class Window
    {
        public const int Exact = 128;

        /// <summary>First and last call of an entry, and how many it stands for.</summary>
        private (long Start, long Last, int Count)[] _entries = new (long, long, int)[4];
        private int _first;
        private int _length;
        private int _total;
        private long _emptyAt;

        public bool IsForgotten { get; set; }

        public bool IsEmptyAt(long now) => _emptyAt <= now;

        public RateDecision TryTake(int calls, long period, long now, int count)
        {
            var decision = Look(calls, period, now);
            if (!decision.Allowed)
            {
                return decision;
            }

            Add(count, calls, period, now);
            return decision with { Remaining = Math.Max(0, decision.Remaining + 1 - count) };
        }

        public RateDecision Look(int calls, long period, long now)
        {
            Expire(period, now);
            if (_total < calls)
            {
                return new(true, calls - _total - 1, 0);
            }

            // The call fits when enough of the oldest have left the window.
            var excess = _total - calls + 1;
            var i = 0;
            while (i < _length - 1 && (excess -= At(i).Count) > 0)
            {
                i++;
            }

            var wait = _length == 0 ? period : At(i).Last + period - now;
            return new(false, 0, (int)Math.Max(1, (wait + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond));
        }

        public void Add(int count, int calls, long period, long now)
        {
            if (count <= 0)
            {
                return;
            }

            Expire(period, now);
            _total += count;
            _emptyAt = now + period;
            ref var last = ref _entries[(_first + _length - 1 + _entries.Length) % _entries.Length];
            if (_length > 0 && (calls > Exact || _length >= Exact * 2) && now - last.Start < period / Exact)
            {
                last.Count += count;
                last.Last = now;
                return;
            }

            if (_length == _entries.Length)
            {
                Grow();
            }

            _entries[(_first + _length++) % _entries.Length] = (now, now, count);
        }

        private (long Start, long Last, int Count) At(int i) => _entries[(_first + i) % _entries.Length];

        private void Expire(long period, long now)
        {
            while (_length > 0 && At(0).Last + period <= now)
            {
                _total -= At(0).Count;
                _first = (_first + 1) % _entries.Length;
                _length--;
            }
        }

        private void Grow()
        {
            var bigger = new (long, long, int)[_entries.Length * 2];
            for (var i = 0; i < _length; i++)
            {
                bigger[i] = At(i);
            }

            _entries = bigger;
            _first = 0;
        }
    }
}
