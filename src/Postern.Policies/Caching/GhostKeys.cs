namespace Postern.Policies.Caching;

/// <summary>Hashes of keys that left the small queue without being asked for again: who comes back soon was worth keeping after all.</summary>
internal sealed class GhostKeys
{
    private const int Fewest = 64;

    private readonly Queue<int> _order = new();
    private readonly HashSet<int> _hashes = [];

    /// <param name="most">How many to remember: as many as there are entries.</param>
    public void Add(string key, int most)
    {
        var hash = key.GetHashCode(StringComparison.Ordinal);
        if (_hashes.Add(hash))
        {
            _order.Enqueue(hash);
        }

        while (_order.Count > Math.Max(most, Fewest))
        {
            _hashes.Remove(_order.Dequeue());
        }
    }

    /// <returns>True when the key was remembered; it no longer is.</returns>
    public bool Take(string key) => _hashes.Remove(key.GetHashCode(StringComparison.Ordinal));
}
