using Postern.Policies.Runtime;

namespace Postern.Policies.Tokens;

/// <summary>
/// One OpenID configuration, kept fresh. Only two kinds of request ever wait for a fetch: those before the first success, and those whose
/// token names a key that is not known. All others take what is known, however old: a sick issuer does not stop a gateway.
/// </summary>
internal sealed class OpenIdConfiguration(Uri address)
{
    /// <summary>Age at which it is fetched anew, beside the requests.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Least time between two fetches; forged key ids must not become a flood on the issuer.</summary>
    public static readonly TimeSpan LeastPause = TimeSpan.FromMinutes(5);

    /// <summary>Least time between two fetches as long as none has succeeded: nothing can be served then.</summary>
    public static readonly TimeSpan PauseBeforeSuccess = TimeSpan.FromSeconds(10);

    /// <summary>For both documents together.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private volatile OpenIdDocument? _document;
    private volatile string? _failure;
    private Task _fetching = Task.CompletedTask;
    private DateTimeOffset _lastFetch = DateTimeOffset.MinValue;

    /// <summary>Why the last fetch failed; null when it did not. For the operator, not for callers.</summary>
    public string? Failure => _failure;

    /// <returns>Null when it has never been fetched.</returns>
    public ValueTask<OpenIdDocument?> GetAsync(IPolicyHttpClient http, TimeProvider time, CancellationToken cancellation)
    {
        if (_document is not { } document)
        {
            return FetchedAsync(http, time, PauseBeforeSuccess, cancellation);
        }

        if (time.GetUtcNow() - document.FetchedAt >= Lifetime)
        {
            _ = Begin(http, time, LeastPause);
        }

        return new(document);
    }

    /// <summary>For a token whose key is not among those known: the issuer may have a new one.</summary>
    public ValueTask<OpenIdDocument?> LookAgainAsync(IPolicyHttpClient http, TimeProvider time, CancellationToken cancellation) =>
        FetchedAsync(http, time, _document is null ? PauseBeforeSuccess : LeastPause, cancellation);

    private async ValueTask<OpenIdDocument?> FetchedAsync(IPolicyHttpClient http, TimeProvider time, TimeSpan pause, CancellationToken cancellation)
    {
        await Begin(http, time, pause).WaitAsync(cancellation);
        return _document;
    }

    /// <summary>The fetch under way, or a new one, or nothing when the last one is too recent.</summary>
    private Task Begin(IPolicyHttpClient http, TimeProvider time, TimeSpan pause)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_fetching.IsCompleted && now - _lastFetch >= pause)
            {
                _lastFetch = now;
                _fetching = Task.Run(() => FetchAsync(http, time, now), CancellationToken.None);
            }

            return _fetching;
        }
    }

    private async Task FetchAsync(IPolicyHttpClient http, TimeProvider time, DateTimeOffset now)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        try
        {
            _document = await OpenIdDocument.FetchAsync(http, address, now, timeout.Token).WaitAsync(timeout.Token);
            _failure = null;
        }
        catch (Exception problem)
        {
            // What is known stays good: the last good configuration serves until a better one is there.
            _failure = problem is OperationCanceledException ? $"{address} did not answer in {Timeout.TotalSeconds} seconds." : problem.Message;
        }
    }
}
