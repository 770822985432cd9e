namespace Postern.Gateway.Limits;

/// <summary>
/// Calls of one key in a window that slides. Up to <see cref="Exact"/> calls each one keeps its own moment; above that, calls within 1/256 of
/// the window share one, so memory stays bounded and a slot may come free that much early.
/// </summary>
internal sealed class SlidingWindow
{
    public const int Exact = 256;

    private (long Ticks, int Count)[] _entries = new (long, int)[4];
    private int _first;
    private int _used;
    private long _taken;

    /// <summary>UTC ticks after which the window holds nothing.</summary>
    public long IdleAt { get; private set; }

    /// <summary>How many calls fit still, and when the next one fits if none does.</summary>
    public (int Free, long NextTicks) Look(int calls, long period, long now)
    {
        Expire(now - period);
        var free = calls - _taken;
        if (free > 0)
        {
            return ((int)free, now);
        }

        // Calls must go until one fits: with a limit that was lowered that may be more than the oldest entry's.
        var excess = 1 - free;
        for (var i = 0; i < _used; i++)
        {
            ref var entry = ref _entries[(_first + i) % _entries.Length];
            excess -= entry.Count;
            if (excess <= 0)
            {
                return (0, entry.Ticks + period);
            }
        }

        return (0, now + period);
    }

    public void Take(int calls, long period, long now, int count)
    {
        IdleAt = now + period;
        _taken += count;
        var granule = calls <= Exact ? 0 : period / Exact;
        if (_used > 0)
        {
            ref var last = ref _entries[(_first + _used - 1) % _entries.Length];
            if (now - last.Ticks <= granule)
            {
                last.Count += count;
                return;
            }
        }

        if (_used == _entries.Length)
        {
            Grow();
        }

        _entries[(_first + _used++) % _entries.Length] = (now, count);
    }

    private void Expire(long before)
    {
        while (_used > 0 && _entries[_first].Ticks <= before)
        {
            _taken -= _entries[_first].Count;
            _first = (_first + 1) % _entries.Length;
            _used--;
        }
    }

    private void Grow()
    {
        var grown = new (long, int)[_entries.Length * 2];
        for (var i = 0; i < _used; i++)
        {
            grown[i] = _entries[(_first + i) % _entries.Length];
        }

        _entries = grown;
        _first = 0;
    }
}
