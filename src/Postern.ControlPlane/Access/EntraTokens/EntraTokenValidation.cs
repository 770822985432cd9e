namespace Postern.ControlPlane.Access.EntraTokens;

/// <summary>
/// Judges bearer tokens of one tenant of one authority. Only RS256 with a key that the authority publishes: a token can't choose another
/// algorithm (<c>none</c>, HMAC with the public key as its secret), nor bring a key or a key's address of its own.
/// </summary>
internal sealed class EntraTokenValidation(AuthorityKeySource keys, string tenantId, TimeProvider time)
{
    private const string Invalid = "InvalidAuthenticationToken";

    /// <summary>Never throws for what is in the token.</summary>
    public async ValueTask<TokenVerdict> ValidateAsync(string text, IReadOnlyCollection<string> audiences, CancellationToken cancellation)
    {
        if (SignedToken.Parse(text) is not { } token)
        {
            return new TokenFault(AccessDiagnostics.MalformedToken, Invalid, "The access token is not a signed JSON web token with a key id.");
        }

        if (token.Algorithm != "RS256")
        {
            return new TokenFault(AccessDiagnostics.WrongAlgorithm, Invalid, "The access token is not signed with RS256.");
        }

        if (await keys.FindAsync(token.KeyId, cancellation) is not { } known)
        {
            return new(null, null, Unreachable: true);
        }

        if (!known.Keys.TryGetValue(token.KeyId, out var key))
        {
            return new TokenFault(AccessDiagnostics.UnknownKey, Invalid, "The access token is signed with a key that the authority does not publish.");
        }

        if (!token.IsSignedWith(key))
        {
            return new TokenFault(AccessDiagnostics.WrongSignature, Invalid, "The signature of the access token is not valid.");
        }

        var claims = token.Claims();
        return TokenRules.Check(claims, known.Issuers, tenantId, audiences, time.GetUtcNow()) is { } fault
            ? fault
            : new Principal(claims.ObjectId!, claims.TenantId!, claims.ApplicationId);
    }
}

/// <summary>Whose token it is, or what is wrong with it, or that the authority's keys are not to be had.</summary>
internal readonly record struct TokenVerdict(Principal? Principal, TokenFault? Fault, bool Unreachable = false)
{
    public static implicit operator TokenVerdict(Principal principal) => new(principal, null);

    public static implicit operator TokenVerdict(TokenFault fault) => new(null, fault);
}
