namespace Postern.ControlPlane.Store;

/// <summary>The member tables in use, made when they are first asked for. Those not used for longest go when there are too many.</summary>
internal sealed class MemberTables(IResourceStore store, Func<string, string, CancellationToken, ValueTask<MemberTable>> read) : IDisposable
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

    public void Dispose()
    {
        foreach (var kept in _used)
        {
            kept.Table.Dispose();
        }
    }

    private StoreView<MemberTable> Use((string Parent, string Type) key)
    {
        lock (_gate)
        {
            if (_kept.TryGetValue(key, out var node))
            {
                _used.Remove(node);
            }
            else
            {
                node = new(new(key, new(store, stop => read(key.Parent, key.Type, stop), (table, changes, stop) => FollowAsync(key, table, changes, stop))));
                _kept.Add(key, node);
            }

            _used.AddFirst(node);
            return node.Value.Table;
        }
    }

    /// <summary>A change costs what it touches.</summary>
    private async ValueTask<MemberTable?> FollowAsync(
        (string Parent, string Type) key, MemberTable table, IReadOnlyList<ChangeRow> changes, CancellationToken cancellation)
    {
        var names = changes
            .Where(change => ResourceIds.Same(change.Type, key.Type) && ResourceIds.Same(ResourceIds.ParentOf(change.Id), key.Parent))
            .Select(change => ResourceIds.Key(ResourceIds.NameOf(change.Id)))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var row in names.Count == 0 ? [] : await store.ListNamesAsync(key.Parent, key.Type, [.. names], cancellation))
        {
            var changed = IndexedMembers.RowOf(row);
            table = table.With(changed);
            names.Remove(changed.Name);
        }

        return names.Aggregate(table, (without, name) => without.Without(name));
    }

    private void Bound()
    {
        lock (_gate)
        {
            var characters = _used.Sum(kept => kept.Characters);
            while (_used.Count > 1 && (_used.Count > MostTables || characters > MostCharacters))
            {
                // Not disposed: somebody may be using it.
                var oldest = _used.Last!.Value;
                characters -= oldest.Characters;
                _kept.Remove(oldest.Key);
                _used.RemoveLast();
            }
        }
    }

    private sealed record Kept((string Parent, string Type) Key, StoreView<MemberTable> Table)
    {
        public long Characters => Table.Known?.Characters ?? 0;
    }
}
