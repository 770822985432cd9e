namespace Postern.ControlPlane.Store;

/// <summary>
/// Something read from the store and held in memory until a change that concerns it. Every use asks the store for its revision, so that
/// it is never older than the last write that was answered, on whichever replica.
/// </summary>
/// <param name="read">Reads it anew.</param>
/// <param name="follow">What it becomes by the log entries since; null when it must be read anew.</param>
internal sealed class StoreView<T>(
    IResourceStore store, Func<CancellationToken, ValueTask<T>> read, Func<T, IReadOnlyList<ChangeRow>, CancellationToken, ValueTask<T?>> follow) : IDisposable
    where T : class
{
    /// <summary>With more changes than this since the last look, reading everything anew is cheaper than looking through them.</summary>
    private const int MostChanges = 5_000;

    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile State? _state;

    /// <param name="concerns">True for the types of resources that it is made of: any change of them reads it anew.</param>
    public static StoreView<T> Of(IResourceStore store, Func<string, bool> concerns, Func<CancellationToken, ValueTask<T>> read) =>
        new(store, read, (value, changes, _) => new(changes.Any(change => concerns(change.Type)) ? null : value));

    /// <summary>The newest that is known without asking the store.</summary>
    public T? Known => _state?.Value;

    public async ValueTask<T> CurrentAsync(CancellationToken cancellation)
    {
        var revision = await store.RevisionAsync(cancellation);
        if (_state is { } state && state.Revision >= revision)
        {
            return state.Value;
        }

        await _reading.WaitAsync(cancellation);
        try
        {
            // The revision is from before the rows are read: what is written in between is read again next time, never missed.
            if (_state is not { } known || known.Revision < revision)
            {
                _state = await FollowedAsync(cancellation) ?? new(revision, await read(cancellation));
            }

            return _state.Value;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <returns>Null when it must be read anew.</returns>
    private async ValueTask<State?> FollowedAsync(CancellationToken cancellation)
    {
        if (_state is not { } state)
        {
            return null;
        }

        var changes = await store.ChangesAfterAsync(state.Revision, MostChanges, cancellation);
        return changes.Count is > 0 and < MostChanges
            && changes[0].Revision == state.Revision + 1
            && await follow(state.Value, changes, cancellation) is { } value
            ? new(changes[^1].Revision, value)
            : null;
    }

    public void Dispose() => _reading.Dispose();

    private sealed record State(long Revision, T Value);
}
