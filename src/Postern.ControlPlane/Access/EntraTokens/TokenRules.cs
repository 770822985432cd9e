namespace Postern.ControlPlane.Access.EntraTokens;

/// <summary>What a token with a good signature says, before it is believed.</summary>
internal sealed record TokenClaims(
    string? Issuer,
    IReadOnlyList<string> Audiences,
    string? TenantId,
    string? ObjectId,
    string? ApplicationId,
    DateTimeOffset? NotBefore,
    DateTimeOffset? Expires);

/// <summary>What claims must say, in the order in which a person would want to hear of it. Pure.</summary>
internal static class TokenRules
{
    /// <summary>How far the clocks of the authority and this machine may be apart.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <returns>Null when all hold.</returns>
    public static TokenFault? Check(TokenClaims claims, IReadOnlyList<string> issuers, string tenantId, IReadOnlyCollection<string> audiences, DateTimeOffset now)
    {
        if (claims.Issuer is null || !issuers.Contains(claims.Issuer, StringComparer.Ordinal))
        {
            return new(AccessDiagnostics.WrongIssuer, "InvalidAuthenticationTokenTenant",
                $"The access token was issued by '{Shown(claims.Issuer)}', expected is '{string.Join("' or '", issuers)}'.");
        }

        if (!string.Equals(claims.TenantId, tenantId, StringComparison.OrdinalIgnoreCase))
        {
            return new(AccessDiagnostics.WrongTenant, "InvalidAuthenticationTokenTenant",
                $"The access token is from tenant '{Shown(claims.TenantId)}', expected is '{tenantId}'.");
        }

        if (!claims.Audiences.Any(audience => audiences.Contains(audience)))
        {
            return new(AccessDiagnostics.WrongAudience, "InvalidAuthenticationTokenAudience",
                $"The access token has been obtained for audience '{Shown(claims.Audiences.FirstOrDefault())}', accepted are '{string.Join("', '", audiences)}'.");
        }

        if (claims.Expires is not { } expires || now >= expires + Skew)
        {
            return new(AccessDiagnostics.Expired, "ExpiredAuthenticationToken",
                $"The access token expired at {claims.Expires:yyyy-MM-ddTHH:mm:ssZ}; it is {now:yyyy-MM-ddTHH:mm:ssZ} here.");
        }

        if (claims.NotBefore is { } notBefore && now < notBefore - Skew)
        {
            return new(AccessDiagnostics.NotYetValid, "InvalidAuthenticationToken",
                $"The access token is valid from {notBefore:yyyy-MM-ddTHH:mm:ssZ}; it is {now:yyyy-MM-ddTHH:mm:ssZ} here.");
        }

        return claims.ObjectId is { Length: > 0 and <= 64 }
            ? null
            : new(AccessDiagnostics.NoObjectId, "InvalidAuthenticationToken", "The access token has no 'oid' claim, so it can't be told whose it is.");
    }

    /// <summary>Claims come from outside: shortened, and never able to break out of a header or log line.</summary>
    private static string Shown(string? claim) =>
        claim is null ? "(none)" : new string([.. claim.Take(200).Select(c => char.IsControl(c) || c is '"' or '\\' || c > '~' ? '?' : c)]);
}

/// <param name="Message">For the caller; holds nothing of the token but single claims.</param>
internal sealed record TokenFault(string Diagnostic, string Code, string Message);
