namespace Postern.ControlPlane.Store;

/// <summary>The member tables in use, made when they are first asked for. Those not used for longest go when there are too many.</summary>
internal sealed class MemberTables(IResourceStore store, Func<string, string, CancellationToken, ValueTask<MemberTable>> read)
{
    private const int MostTables = 1_000;

    /// <summary>64 MiB. The table that is asked for stays, however big it is.</summary>
    private const long MostCharacters = 32 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Parent, string Type), LinkedListNode<Kept>> _kept = [];

    /// <summary>Those used last come first.</summary>
    private readonly LinkedList<Kept> _used = new();

    public async ValueTask<MemberTable> CurrentAsync(string parentId, string type, CancellationToken cancellation)
    {
        var table = await Use((ResourceIds.Key(parentId), ResourceIds.Key(type))).CurrentAsync(cancellation);
        Bound();
        return table;
    }

    private KeptTable Use((string Parent, string Type) key)
    {
        lock (_gate)
        {
            if (_kept.TryGetValue(key, out var node))
            {
                _used.Remove(node);
            }
            else
            {
                node = new(new(key, new(key.Parent, key.Type, store, read)));
                _kept.Add(key, node);
            }

            _used.AddFirst(node);
            return node.Value.Table;
        }
    }

    private void Bound()
    {
        lock (_gate)
        {
            var characters = _used.Sum(kept => kept.Table.Characters);
            while (_used.Count > 1 && (_used.Count > MostTables || characters > MostCharacters))
            {
                var oldest = _used.Last!.Value;
                characters -= oldest.Table.Characters;
                _kept.Remove(oldest.Key);
                _used.RemoveLast();
            }
        }
    }

    private sealed record Kept((string Parent, string Type) Key, KeptTable Table);
}
