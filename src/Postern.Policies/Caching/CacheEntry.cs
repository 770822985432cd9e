namespace Postern.Policies.Caching;

/// <summary>One value of a <see cref="MemoryPolicyCache"/>; everything but <see cref="Uses"/> changes under its lock only.</summary>
internal sealed class CacheEntry(string key, byte[] value, DateTimeOffset until)
{
    /// <summary>Bytes that an entry costs beside key and value: objects, dictionary slot, list node.</summary>
    private const int Overhead = 240;

    private const int MostUses = 3;

    private int _uses;

    public string Key => key;

    public byte[] Value => value;

    public DateTimeOffset Until => until;

    public long Weight { get; } = Overhead + (key.Length * 2L) + value.Length;

    /// <summary>The queue that it stands in; null once it was dropped.</summary>
    public CacheQueue? Queue { get; set; }

    public LinkedListNode<CacheEntry>? Place { get; set; }

    public int Uses => Volatile.Read(ref _uses);

    /// <summary>May lose a count when two threads read at once: it is an estimate.</summary>
    public void Use()
    {
        var uses = _uses;
        if (uses < MostUses)
        {
            _uses = uses + 1;
        }
    }

    public bool Unuse()
    {
        if (_uses <= 0)
        {
            return false;
        }

        _uses--;
        return true;
    }

    public void Forget() => _uses = 0;
}
