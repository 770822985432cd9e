using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.Access.EntraTokens;

/// <summary>
/// Keeps the authority's keys. They are fetched at first use, once a day, and when a token names a key that isn't among them (the
/// authority may have rolled over) — but not more often than every <see cref="LeastPause"/>, or forged tokens would become a flood on it.
/// </summary>
internal sealed class AuthorityKeySource(AuthorityMetadata metadata, TimeProvider time, ILogger logger) : IDisposable
{
    public static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile AuthorityKeys? _keys;
    private DateTimeOffset _notBefore;
    private bool _reachable = true;

    /// <param name="keyId">Key that the caller needs.</param>
    /// <returns>Null when the authority has never been reached; otherwise the newest known, which may lack the key.</returns>
    public async ValueTask<AuthorityKeys?> FindAsync(string keyId, CancellationToken cancellation)
    {
        var keys = _keys;
        if (keys is not null && keys.Keys.ContainsKey(keyId) && time.GetUtcNow() - keys.FetchedAt < Lifetime)
        {
            return keys;
        }

        await _fetching.WaitAsync(cancellation);
        try
        {
            // Somebody else may have fetched while this call waited for its turn.
            var now = time.GetUtcNow();
            if (now >= _notBefore && (_keys is null || !_keys.Keys.ContainsKey(keyId) || now - _keys.FetchedAt >= Lifetime))
            {
                await FetchAsync(now, cancellation);
            }

            return _keys;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task FetchAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            _keys = await metadata.FetchAsync(now, cancellation);
            _notBefore = now + LeastPause;
            EntraTokenLog.KeysFetched(logger, _keys.Keys.Count);
            _reachable = true;
        }
        catch (Exception error) when (error is HttpRequestException or InvalidDataException or IOException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // Known keys stay good. Said once per outage.
            _notBefore = now + PauseAfterFailure;
            if (_reachable)
            {
                EntraTokenLog.AuthorityUnreachable(logger, error.Message);
                _reachable = false;
            }
        }
    }

    public void Dispose() => _fetching.Dispose();
}
