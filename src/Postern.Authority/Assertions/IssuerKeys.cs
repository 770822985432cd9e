using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Postern.Authority.Tokens;

namespace Postern.Authority.Assertions;

/// <summary>
/// Signing keys of other issuers, from their OpenID configuration. Kept for an hour; an unknown key id is looked for anew, but not more
/// often than every half minute, so that made-up ids don't turn into requests; an issuer that can't be reached is believed on what it
/// last said for a day.
/// </summary>
internal sealed class IssuerKeys(HttpClient http, TimeProvider time, ILogger log) : IDisposable
{
    public static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    public static readonly TimeSpan Cooldown = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Stale = TimeSpan.FromDays(1);

    /// <summary>Of a document; honest ones are below 20 KB.</summary>
    public const int MaxBytes = 256 * 1024;

    private const int MaxKeys = 100;

    private readonly ConcurrentDictionary<string, Issuer> _issuers = new(StringComparer.Ordinal);

    /// <summary>A client for other people's addresses: no redirects, no cookies, small answers, ten seconds.</summary>
    public static HttpClient NewClient(SocketsHttpHandler handler)
    {
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        return new(handler) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MaxBytes };
    }

    /// <param name="issuer">Exactly as registered in a federated credential.</param>
    /// <param name="keyId">Null when the token names no key: then all of them are tried.</param>
    /// <returns>The keys that may have signed, or why the issuer couldn't be asked.</returns>
    public async ValueTask<(ImmutableArray<VerificationKey> Keys, string? Problem)> FindAsync(string issuer, string? keyId, CancellationToken cancellation)
    {
        var known = _issuers.GetOrAdd(issuer, _ => new());
        if (Answer(known, keyId) is { } answer)
        {
            return answer;
        }

        await known.Asking.WaitAsync(cancellation);
        try
        {
            if (Answer(known, keyId) is not { } meanwhile)
            {
                await AskAsync(issuer, known, cancellation);
                return Known(known, keyId);
            }

            return meanwhile;
        }
        finally
        {
            known.Asking.Release();
        }
    }

    public void Dispose() => http.Dispose();

    /// <returns>Null when the issuer has to be asked.</returns>
    private (ImmutableArray<VerificationKey> Keys, string? Problem)? Answer(Issuer known, string? keyId)
    {
        var now = time.GetUtcNow();
        var current = known.State;
        var isFresh = current.Fetched is { } fetched && now - fetched < Fresh;
        var isCooling = current.Asked is { } asked && now - asked < Cooldown;
        return isCooling || (isFresh && Matching(current.Keys, keyId).Length > 0) ? Known(known, keyId) : null;
    }

    private (ImmutableArray<VerificationKey> Keys, string? Problem) Known(Issuer known, string? keyId)
    {
        var current = known.State;
        var isUsable = current.Fetched is { } fetched && time.GetUtcNow() - fetched < Stale;
        return isUsable ? (Matching(current.Keys, keyId), null) : ([], current.Problem ?? "its keys are too old");
    }

    private async Task AskAsync(string issuer, Issuer known, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var (keys, problem) = await FetchAsync(issuer, cancellation);
        known.State = problem is null
            ? new(keys, now, now, null)
            : known.State with { Asked = now, Problem = problem };
        if (problem is null)
        {
            AuthorityLog.IssuerKeysFetched(log, issuer, keys.Length);
        }
        else
        {
            AuthorityLog.IssuerUnreachable(log, issuer, problem);
        }
    }

    private async Task<(ImmutableArray<VerificationKey> Keys, string? Problem)> FetchAsync(string issuer, CancellationToken cancellation)
    {
        try
        {
            using var configuration = await GetAsync(new Uri(issuer.TrimEnd('/') + "/.well-known/openid-configuration"), cancellation);
            if (CompactJws.Text(configuration.RootElement, "issuer") != issuer)
            {
                return ([], "the issuer's OpenID configuration names another issuer");
            }

            if (!Uri.TryCreate(CompactJws.Text(configuration.RootElement, "jwks_uri"), UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps)
            {
                return ([], "the issuer's OpenID configuration has no https jwks_uri");
            }

            using var set = await GetAsync(address, cancellation);
            var keys = set.RootElement.TryGetProperty("keys", out var list) && list.ValueKind == JsonValueKind.Array
                ? list.EnumerateArray().Take(MaxKeys).Select(VerificationKey.Of).OfType<VerificationKey>().ToImmutableArray()
                : [];
            return keys.IsEmpty ? (keys, "the issuer's key set has no usable key") : (keys, null);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or InvalidDataException)
        {
            return ([], $"the issuer could not be read ({Reason(problem)})");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ([], "the issuer did not answer in time");
        }
    }

    private async Task<JsonDocument> GetAsync(Uri address, CancellationToken cancellation)
    {
        using var answer = await http.GetAsync(address, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidDataException($"status {(int)answer.StatusCode}");
        }

        return SoundJson.ParseObject(await answer.Content.ReadAsByteArrayAsync(cancellation), maxDepth: 16)
            ?? throw new InvalidDataException("the answer is no JSON object");
    }

    private static string Reason(Exception problem) => problem switch
    {
        HttpRequestException request => request.HttpRequestError.ToString(),
        _ => problem.Message,
    };

    private static ImmutableArray<VerificationKey> Matching(ImmutableArray<VerificationKey> keys, string? keyId) =>
        keyId is null ? keys : keys.RemoveAll(key => key.KeyId is not null && key.KeyId != keyId);

    private sealed record KeysState(ImmutableArray<VerificationKey> Keys, DateTimeOffset? Fetched, DateTimeOffset? Asked, string? Problem);

    private sealed class Issuer
    {
        public SemaphoreSlim Asking { get; } = new(1);

        public volatile KeysState State = new([], null, null, null);
    }
}
