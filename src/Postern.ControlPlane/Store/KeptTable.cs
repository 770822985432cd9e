namespace Postern.ControlPlane.Store;

/// <summary>
/// One member table, brought up to date by the change log whenever it is asked for: never older than the last write that was answered, on
/// whichever replica. A change costs what it touches.
/// </summary>
/// <param name="parentKey">In the form of <see cref="ResourceIds.Key"/>, as is the type.</param>
internal sealed class KeptTable(string parentKey, string typeKey, IResourceStore store, Func<string, string, CancellationToken, ValueTask<MemberTable>> read)
{
    /// <summary>With more log entries than this since the last look, reading the table anew is cheaper.</summary>
    private const int MostChanges = 2_000;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile State? _state;

    public long Characters => _state?.Table.Characters ?? 0;

    public async ValueTask<MemberTable> CurrentAsync(CancellationToken cancellation)
    {
        var revision = await store.RevisionAsync(cancellation);
        if (_state is { } state && state.Revision >= revision)
        {
            return state.Table;
        }

        await _gate.WaitAsync(cancellation);
        try
        {
            if (_state is not { } known || known.Revision < revision)
            {
                // A table that is read anew is read after the revision was: what is written in between comes once more with the log, and changes nothing.
                _state = await FollowedAsync(cancellation) ?? new(revision, await read(parentKey, typeKey, cancellation));
            }

            return _state.Table;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <returns>Null when the table must be read anew.</returns>
    private async ValueTask<State?> FollowedAsync(CancellationToken cancellation)
    {
        if (_state is not { } state)
        {
            return null;
        }

        var changes = await store.ChangesAfterAsync(state.Revision, MostChanges, cancellation);
        if (changes.Count is 0 or >= MostChanges || changes[0].Revision != state.Revision + 1)
        {
            return null;
        }

        var names = changes
            .Where(change => ResourceIds.Same(change.Type, typeKey) && ResourceIds.Same(ResourceIds.ParentOf(change.Id), parentKey))
            .Select(change => ResourceIds.Key(ResourceIds.NameOf(change.Id)))
            .ToHashSet(StringComparer.Ordinal);
        var table = state.Table;
        if (names.Count > 0)
        {
            foreach (var row in await store.ListNamesAsync(parentKey, typeKey, [.. names], cancellation))
            {
                var changed = IndexedMembers.RowOf(row);
                table = table.With(changed);
                names.Remove(changed.Name);
            }
        }

        return new(changes[^1].Revision, names.Aggregate(table, (without, name) => without.Without(name)));
    }

    private sealed record State(long Revision, MemberTable Table);
}
