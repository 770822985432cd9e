using System.Data.Common;
using System.Threading.Channels;

namespace Postern.ControlPlane.Store;

/// <summary>
/// The only writer of this process. Writes that wait while a commit is under way share the next one, so that the price of a durable
/// commit is paid once for all of them; each is still all or nothing on its own (a savepoint).
/// </summary>
internal sealed class StoreWriter : IAsyncDisposable
{
    private const int LargestGroup = 256;

    private readonly ISqlDatabase _database;
    private readonly StoreHead _head;
    private readonly TimeProvider _time;
    private readonly Channel<PendingWrite> _queue = Channel.CreateBounded<PendingWrite>(4096);
    private readonly Task _running;

    public StoreWriter(ISqlDatabase database, StoreHead head, TimeProvider time)
    {
        _database = database;
        _head = head;
        _time = time;
        _running = Task.Run(RunAsync);
    }

    public async ValueTask<StoreOutcome> WriteAsync(IReadOnlyList<ResourceWrite> writes, CancellationToken cancellation)
    {
        var pending = new PendingWrite(writes);
        await _queue.Writer.WriteAsync(pending, cancellation);

        // Not cancellable any more: it may already be committed, and the caller must learn that.
        return await pending.Completion.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _running;
    }

    private async Task RunAsync()
    {
        DbSession? session = null;
        var group = new List<PendingWrite>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < LargestGroup && _queue.Reader.TryRead(out var pending))
            {
                group.Add(pending);
            }

            try
            {
                session ??= new(await _database.OpenAsync(CancellationToken.None));
                await CommitAsync(session, group);
            }
            catch (Exception error)
            {
                // The connection may be unusable: the next group gets a new one. Nothing of this group was committed.
                group.ForEach(pending => pending.Completion.TrySetException(error));
                if (session is not null)
                {
                    await session.DisposeAsync();
                    session = null;
                }
            }
        }

        if (session is not null)
        {
            await session.DisposeAsync();
        }
    }

    private async Task CommitAsync(DbSession session, List<PendingWrite> group)
    {
        var outcomes = new List<StoreOutcome>(group.Count);
        long revision;
        await using (var transaction = await session.Connection.BeginTransactionAsync())
        {
            revision = (long)(await session.Prepare(_database.LockHead, transaction).ExecuteScalarAsync())!;
            var before = revision;
            foreach (var pending in group)
            {
                var set = new WriteSet(session, transaction, revision + 1, _time.GetUtcNow());
                await transaction.SaveAsync("one");
                var outcome = await set.ApplyAsync(pending.Writes);
                if (outcome.Conflict is not null || !set.Changed)
                {
                    await transaction.RollbackAsync("one");
                    outcome = outcome with { Revision = revision };
                }
                else
                {
                    revision++;
                }

                await transaction.ReleaseAsync("one");
                outcomes.Add(outcome);
            }

            if (revision == before)
            {
                await transaction.RollbackAsync();
            }
            else
            {
                await session.Prepare(StoreStatements.SetHead, transaction, ("@revision", revision)).ExecuteNonQueryAsync();
                await StoreLog.TrimAsync(session, transaction, before, revision);
                await _database.AnnounceAsync(session, transaction, revision, CancellationToken.None);
                await transaction.CommitAsync();
            }
        }

        for (var i = 0; i < group.Count; i++)
        {
            group[i].Completion.TrySetResult(outcomes[i]);
        }

        _head.Advance(revision);
    }

    private sealed record PendingWrite(IReadOnlyList<ResourceWrite> Writes)
    {
        public TaskCompletionSource<StoreOutcome> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
