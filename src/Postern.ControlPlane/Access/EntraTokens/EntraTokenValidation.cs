using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Postern.ControlPlane.Access.EntraTokens;

/// <summary>
/// Judges bearer tokens of one tenant of one authority. Only RS256 with a key that the authority publishes: a token can't choose another
/// algorithm (<c>none</c>, HMAC with the public key as its secret), nor bring a key or a key's address of its own.
/// </summary>
internal sealed class EntraTokenValidation(AuthorityKeySource keys, string tenantId, TimeProvider time)
{
    /// <summary>Characters; Entra's tokens with 200 groups stay well below.</summary>
    private const int LongestToken = 16 * 1024;

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = LongestToken };

    /// <summary>Never throws for what is in the token.</summary>
    public async ValueTask<TokenVerdict> ValidateAsync(string token, IReadOnlyCollection<string> audiences, CancellationToken cancellation)
    {
        if (Read(token) is not { } parsed || parsed.Kid is not { Length: > 0 and <= 256 } keyId)
        {
            return new TokenFault(AccessDiagnostics.MalformedToken, "InvalidAuthenticationToken", "The access token is not a signed JSON web token with a key id.");
        }

        if (parsed.Alg != SecurityAlgorithms.RsaSha256)
        {
            return new TokenFault(AccessDiagnostics.WrongAlgorithm, "InvalidAuthenticationToken", "The access token is not signed with RS256.");
        }

        if (await keys.FindAsync(keyId, cancellation) is not { } known)
        {
            return new(null, null, Unreachable: true);
        }

        if (!known.Keys.TryGetValue(keyId, out var key))
        {
            return new TokenFault(AccessDiagnostics.UnknownKey, "InvalidAuthenticationToken", "The access token is signed with a key that the authority does not publish.");
        }

        if (!IsSignedWith(token, key))
        {
            return new TokenFault(AccessDiagnostics.WrongSignature, "InvalidAuthenticationToken", "The signature of the access token is not valid.");
        }

        if (Claims(parsed) is not { } claims)
        {
            return new TokenFault(AccessDiagnostics.MalformedToken, "InvalidAuthenticationToken", "The access token has claims of unexpected types.");
        }

        return TokenRules.Check(claims, known.Issuers, tenantId, audiences, time.GetUtcNow()) is { } fault
            ? fault
            : new Principal(claims.ObjectId!, claims.TenantId!, claims.ApplicationId);
    }

    private JsonWebToken? Read(string token)
    {
        // Three parts: encrypted tokens have five, and nobody sends us any.
        if (token.Length is 0 or > LongestToken || token.AsSpan().Count('.') != 2 || token.EndsWith('.')
            || token.AsSpan().ContainsAnyExcept(Base64UrlAndDot))
        {
            return null;
        }

        return Quietly(() => new JsonWebToken(token));
    }

    private bool IsSignedWith(string token, RsaSecurityKey key) => Quietly(() => _handler.ValidateToken(token, new()
    {
        IssuerSigningKey = key,
        RequireSignedTokens = true,
        ValidateIssuerSigningKey = true,
        // The remaining claims are judged by TokenRules, with our clock and our words.
        ValidateIssuer = false,
        ValidateAudience = false,
        ValidateLifetime = false,
    })) is { IsValid: true };

    private static TokenClaims? Claims(JsonWebToken token) => Quietly(() => new TokenClaims(
        Claim<string>(token, "iss"),
        [.. token.Audiences],
        Claim<string>(token, "tid"),
        Claim<string>(token, "oid"),
        Claim<string>(token, "appid") ?? Claim<string>(token, "azp"),
        Time(token, "nbf"),
        Time(token, "exp")));

    private static DateTimeOffset? Time(JsonWebToken token, string name) =>
        token.TryGetPayloadValue<double>(name, out var seconds) && seconds is >= 0 and < 253402300800
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;

    private static T? Claim<T>(JsonWebToken token, string name) where T : class => token.TryGetPayloadValue<T>(name, out var value) ? value : null;

    /// <summary>
    /// The library throws various things for malformed input, some of them undocumented. Whatever it throws over a stranger's token means
    /// only that the token is no good.
    /// </summary>
    private static T? Quietly<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return null;
        }
    }

    private static readonly System.Buffers.SearchValues<char> Base64UrlAndDot =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
}

/// <summary>Whose token it is, or what is wrong with it, or that the authority's keys are not to be had.</summary>
internal readonly record struct TokenVerdict(Principal? Principal, TokenFault? Fault, bool Unreachable = false)
{
    public static implicit operator TokenVerdict(Principal principal) => new(principal, null);

    public static implicit operator TokenVerdict(TokenFault fault) => new(null, fault);
}
