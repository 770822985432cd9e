using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.Access.EntraTokens;

/// <summary>
/// Keeps the authority's keys. They are fetched at first use, every few minutes in the background, and at once when a token names a key
/// that isn't among them (the authority may have rolled over) — but not more often than every <see cref="LeastPause"/>, or forged tokens
/// would become a flood on it. A key that the authority withdrew is forgotten with the next fetch.
/// </summary>
internal sealed class AuthorityKeySource(AuthorityMetadata metadata, TimeProvider time, ILogger logger) : IDisposable
{
    public static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PauseBeforeFirst = TimeSpan.FromSeconds(1);

    /// <summary>Older keys are used, and fetched anew meanwhile.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(5);

    /// <summary>Older keys are used only when the authority can't be reached.</summary>
    public static readonly TimeSpan TrustedFor = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile AuthorityKeys? _keys;
    private DateTimeOffset _notBefore;
    private bool _reachable = true;

    /// <param name="keyId">Key that the caller needs.</param>
    /// <returns>Null when the authority has never been reached; otherwise the newest known, which may lack the key.</returns>
    public async ValueTask<AuthorityKeys?> FindAsync(string keyId, CancellationToken cancellation)
    {
        var keys = _keys;
        if (keys is null || !keys.Keys.ContainsKey(keyId) || Age(keys) >= TrustedFor)
        {
            await RefreshAsync(keyId, cancellation);
            return _keys;
        }

        if (Age(keys) >= FreshFor && _fetching.CurrentCount > 0)
        {
            _ = RefreshAsync(keyId, CancellationToken.None);
        }

        return keys;
    }

    private TimeSpan Age(AuthorityKeys keys) => time.GetUtcNow() - keys.FetchedAt;

    private async Task RefreshAsync(string keyId, CancellationToken cancellation)
    {
        await _fetching.WaitAsync(cancellation);
        try
        {
            // Somebody else may have fetched while this call waited for its turn.
            var now = time.GetUtcNow();
            if (now >= _notBefore && (_keys is null || !_keys.Keys.ContainsKey(keyId) || Age(_keys) >= FreshFor))
            {
                await FetchAsync(now, cancellation);
            }
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
            _notBefore = now + (_keys is null ? PauseBeforeFirst : LeastPause);
            if (_reachable)
            {
                EntraTokenLog.AuthorityUnreachable(logger, error.Message);
                _reachable = false;
            }
        }
    }

    public void Dispose() => _fetching.Dispose();
}
