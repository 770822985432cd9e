using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.LongRunning;

/// <summary>
/// Calls that may take long, such as an import from a slow link. They are answered when they are done; one that is not done after
/// <see cref="Patience"/>, or whose caller prefers not to wait, is answered with 202 and goes on. How it stands is kept in the store, so
/// that any replica can tell.
/// </summary>
internal sealed class LongRunningOperations(IResourceStore store, TimeProvider time, ILogger<LongRunningOperations> logger) : IAsyncDisposable
{
    /// <summary>Shorter than what proxies and clients wait for an answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="work">Does the whole of the call. It must not touch the request: that may be answered already.</param>
    public async ValueTask<ArmResponse> RunAsync(
        ArmCall call, ResourceAddress address, Func<ArmCall, CancellationToken, ValueTask<ArmResponse>> work, CancellationToken cancellation)
    {
        var (detached, unreadable) = await call.DetachAsync(cancellation);
        if (detached is null)
        {
            return unreadable!;
        }

        var doing = Task.Run(async () => await work(detached, _stopping.Token), CancellationToken.None);
        var patience = PreferHeader.RespondAsync(call.Request) ?? Patience;
        if (patience > TimeSpan.Zero)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(doing, Task.Delay(patience, time, waiting.Token));
            await waiting.CancelAsync();
        }

        if (doing.IsCompleted)
        {
            return await doing;
        }

        var operation = new StoredOperation(
            Guid.NewGuid().ToString("N"), StoredOperation.InProgress, address.Id, call.Caller.ObjectId, time.GetUtcNow(), null, null, null);
        await SaveAsync(operation);
        await ForgetOldAsync();
        var finishing = FinishAsync(operation, doing);
        _running[operation.Name] = finishing;
        if (finishing.IsCompleted)
        {
            _running.TryRemove(operation.Name, out _);
        }

        return OperationAnswers.Accepted(call, address, operation);
    }

    /// <summary>How an operation stands; null when there is none of that name.</summary>
    public async ValueTask<StoredOperation?> FindAsync(string name, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(name, "N", out _) && !Guid.TryParseExact(name, "D", out _))
        {
            return null;
        }

        var operation = await store.FindAsync(StoredOperation.Id(name), cancellation) is { } row ? StoredOperation.Read(row) : null;
        return operation is { IsRunning: true } && !_running.ContainsKey(operation.Name) && time.GetUtcNow() - operation.Started > StoredOperation.Longest
            ? operation.Interrupted()
            : operation;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Values);
        _stopping.Dispose();
    }

    /// <summary>Never fails: what goes wrong is the operation's result.</summary>
    private async Task FinishAsync(StoredOperation operation, Task<ArmResponse> doing)
    {
        try
        {
            ArmResponse response;
            try
            {
                response = await doing;
            }
            catch (Exception error)
            {
                ResourceLog.OperationFailed(logger, error, operation.Name, operation.ResourceId);
                response = new ArmError(500, "InternalServerError", $"The operation failed; the server's log has the cause under operation {operation.Name}.");
            }

            await SaveAsync(operation.Finished(response, time.GetUtcNow()));
        }
        catch (Exception error)
        {
            // The store is away. The operation is seen as interrupted after a while, which for its caller it is.
            ResourceLog.OperationFailed(logger, error, operation.Name, operation.ResourceId);
        }
        finally
        {
            _running.TryRemove(operation.Name, out _);
        }
    }

    private async ValueTask SaveAsync(StoredOperation operation) =>
        await store.WriteAsync([new(StoredOperation.Id(operation.Name), StoredOperation.Type, operation.ToJson().ToJsonString(ArmJson.Options), operation.By)], CancellationToken.None);

    private async ValueTask ForgetOldAsync()
    {
        var before = time.GetUtcNow() - StoredOperation.KeptFor;
        var old = from row in await store.ListAsync("", StoredOperation.Type, 0, null, CancellationToken.None)
                  where row.CreatedAt < before
                  select new ResourceWrite(row.Id, row.Type, null, "");
        if (old.ToList() is { Count: > 0 } gone)
        {
            await store.WriteAsync(gone, CancellationToken.None);
        }
    }
}
