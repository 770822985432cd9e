using System.Collections.Concurrent;
using System.Data.Common;

namespace Postern.ControlPlane.Store;

/// <summary>Idle sessions of readers. A session that failed is closed, not kept: its connection may be broken.</summary>
internal sealed class DbSessionPool(ISqlDatabase database) : IAsyncDisposable
{
    private const int MostIdle = 8;

    private readonly ConcurrentBag<DbSession> _idle = [];

    public async ValueTask<T> UseAsync<T>(Func<DbSession, ValueTask<T>> work, CancellationToken cancellation)
    {
        if (_idle.TryTake(out var idle))
        {
            try
            {
                return await UseAsync(idle, work);
            }
            catch (DbException)
            {
                // The server may have been restarted since this session was used; the others are no better. Reads can be done again.
                await DisposeAsync();
            }
        }

        return await UseAsync(new(await database.OpenAsync(cancellation)), work);
    }

    private async ValueTask<T> UseAsync<T>(DbSession session, Func<DbSession, ValueTask<T>> work)
    {
        var healthy = false;
        try
        {
            var result = await work(session);
            healthy = true;
            return result;
        }
        finally
        {
            if (healthy && _idle.Count < MostIdle)
            {
                _idle.Add(session);
            }
            else
            {
                await session.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out var session))
        {
            await session.DisposeAsync();
        }
    }
}
