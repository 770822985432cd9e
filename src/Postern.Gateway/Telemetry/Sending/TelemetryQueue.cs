namespace Postern.Gateway.Telemetry.Sending;

/// <summary>
/// What waits to be sent to the control plane, in memory. Adding never waits and never fails: when there is no room, the oldest goes and is
/// counted. What was sent is let go of only when the control plane has taken it.
/// </summary>
/// <param name="limit">Most weight that is kept.</param>
/// <param name="weigh">An item's weight, such as its bytes; at least 1.</param>
/// <param name="count">How many things an item stands for when it is lost.</param>
/// <param name="added">Told after each item.</param>
internal sealed class TelemetryQueue<T>(long limit, Func<T, long> weigh, Func<T, long> count, Action added)
{
    private readonly Queue<(T Item, long Weight)> _items = new();
    private readonly Lock _gate = new();
    private long _weight;
    private long _first;
    private long _dropped;
    private long _everDropped;

    /// <summary>Lost since the gateway started.</summary>
    public long EverDropped => Volatile.Read(ref _everDropped);

    public void Add(T item)
    {
        var weight = Math.Max(1, weigh(item));
        lock (_gate)
        {
            if (weight > limit)
            {
                Lose(item);
                return;
            }

            while (_weight + weight > limit)
            {
                Lose(Leave());
            }

            _items.Enqueue((item, weight));
            _weight += weight;
        }

        added();
    }

    /// <summary>The oldest items, which stay until <see cref="Done"/>; null when there are none.</summary>
    /// <param name="mostItems">At most this many.</param>
    /// <param name="mostWeight">At most this much, but at least one item.</param>
    public TelemetryPiece<T>? Next(int mostItems, long mostWeight)
    {
        lock (_gate)
        {
            if (_items.Count == 0)
            {
                return null;
            }

            var items = new List<T>();
            var weight = 0L;
            foreach (var (item, itsWeight) in _items)
            {
                if (items.Count == mostItems || (items.Count > 0 && weight + itsWeight > mostWeight))
                {
                    break;
                }

                items.Add(item);
                weight += itsWeight;
            }

            return new(items, _first + items.Count, _dropped);
        }
    }

    /// <summary>The control plane has taken the piece, and knows of what was lost before.</summary>
    public void Done(TelemetryPiece<T> piece)
    {
        lock (_gate)
        {
            // Some of it may have been dropped meanwhile to make room.
            while (_first < piece.End)
            {
                Leave();
            }

            _dropped -= piece.Dropped;
        }
    }

    /// <summary>The control plane will never take the piece: it counts as lost.</summary>
    public void Refused(TelemetryPiece<T> piece)
    {
        lock (_gate)
        {
            while (_first < piece.End)
            {
                Lose(Leave());
            }
        }
    }

    private T Leave()
    {
        var (item, weight) = _items.Dequeue();
        _weight -= weight;
        _first++;
        return item;
    }

    private void Lose(T item)
    {
        var lost = count(item);
        _dropped += lost;
        _everDropped += lost;
    }
}

/// <param name="End">Position after its last item.</param>
/// <param name="Dropped">Things lost before this piece and not yet told.</param>
internal sealed record TelemetryPiece<T>(IReadOnlyList<T> Items, long End, long Dropped);
