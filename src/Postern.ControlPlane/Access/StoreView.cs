using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Access;

/// <summary>
/// Something read from the store and held in memory until a change that concerns it. Every use asks the store for its revision, so that
/// it is never older than the last write that was answered, on whichever replica.
/// </summary>
/// <param name="concerns">True for the types of resources that it is made of.</param>
internal sealed class StoreView<T>(IResourceStore store, Func<string, bool> concerns, Func<CancellationToken, ValueTask<T>> read) : IDisposable
    where T : class
{
    /// <summary>With more changes than this since the last look, reading everything anew is cheaper than looking through them.</summary>
    private const int MostChanges = 500;

    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile State? _state;

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
            if (_state is not { } known || (known.Revision < revision && await IsConcernedAsync(known.Revision, cancellation)))
            {
                _state = new(revision, await read(cancellation));
            }
            else if (known.Revision < revision)
            {
                _state = known with { Revision = revision };
            }

            return _state.Value;
        }
        finally
        {
            _reading.Release();
        }
    }

    private async ValueTask<bool> IsConcernedAsync(long revision, CancellationToken cancellation)
    {
        var changes = await store.ChangesAfterAsync(revision, MostChanges, cancellation);
        return changes.Count is 0 or >= MostChanges
            || changes[0].Revision != revision + 1
            || changes.Any(change => concerns(change.Type));
    }

    public void Dispose() => _reading.Dispose();

    private sealed record State(long Revision, T Value);
}
