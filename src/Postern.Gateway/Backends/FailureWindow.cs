namespace Postern.Gateway.Backends;

/// <summary>
/// Calls and failures of the last while, in slots that are used in turn: what is counted is right to one slot, a 64th of the window.
/// Counting takes no lock but once a slot. Two that count at the moment a slot begins may lose one call; breakers are approximate anyway.
/// </summary>
internal sealed class FailureWindow(long span)
{
    private const int Slots = 64;

    private readonly long _width = Math.Max(1, span / Slots);
    private readonly Slot[] _slots = NewSlots();
    private readonly Lock _gate = new();

    public void Add(long now, bool failed)
    {
        var turn = now / _width;
        ref var slot = ref _slots[turn % Slots];
        if (Volatile.Read(ref slot.Turn) != turn)
        {
            Begin(ref slot, turn);
        }

        Interlocked.Increment(ref slot.Calls);
        if (failed)
        {
            Interlocked.Increment(ref slot.Failures);
        }
    }

    public (int Calls, int Failures) Sum(long now)
    {
        var oldest = (now / _width) - Slots;
        int calls = 0, failures = 0;
        foreach (ref var slot in _slots.AsSpan())
        {
            if (Volatile.Read(ref slot.Turn) > oldest)
            {
                calls += Volatile.Read(ref slot.Calls);
                failures += Volatile.Read(ref slot.Failures);
            }
        }

        return (calls, failures);
    }

    public void Clear()
    {
        lock (_gate)
        {
            foreach (ref var slot in _slots.AsSpan())
            {
                slot = new() { Turn = -1 };
            }
        }
    }

    private void Begin(ref Slot slot, long turn)
    {
        lock (_gate)
        {
            if (slot.Turn != turn)
            {
                slot.Calls = 0;
                slot.Failures = 0;
                Volatile.Write(ref slot.Turn, turn);
            }
        }
    }

    private static Slot[] NewSlots()
    {
        var slots = new Slot[Slots];
        Array.Fill(slots, new() { Turn = -1 });
        return slots;
    }

    private struct Slot
    {
        public long Turn;
        public int Calls;
        public int Failures;
    }
}
