namespace Postern.Policies.Caching;

/// <summary>Entries in the order in which they came, with their bytes.</summary>
internal sealed class CacheQueue
{
    private readonly LinkedList<CacheEntry> _entries = new();

    public long Bytes { get; private set; }

    public int Count => _entries.Count;

    public CacheEntry Oldest => _entries.Last!.Value;

    public void Add(CacheEntry entry)
    {
        // The node goes along when an entry changes queues.
        entry.Place ??= new(entry);
        _entries.AddFirst(entry.Place);
        entry.Queue = this;
        Bytes += entry.Weight;
    }

    public void Remove(CacheEntry entry)
    {
        _entries.Remove(entry.Place!);
        entry.Queue = null;
        Bytes -= entry.Weight;
    }
}
