namespace Postern.Policies.Tokens;

/// <summary>What the claims of a token with a good signature must say: lifetime, audience, issuer, then the policy's own rules. Pure.</summary>
internal static class TokenRules
{
    /// <param name="issuers">Accepted issuers; null when any will do.</param>
    /// <returns>Null when all hold.</returns>
    public static TokenRefusal? Check(TokenClaims claims, TokenRequirements wanted, IReadOnlyCollection<string>? issuers, DateTimeOffset now) =>
        Lifetime(claims, wanted, now) ?? Audience(claims, wanted.Audiences) ?? Issuer(claims, issuers, wanted.ExcludedTenant) ?? Claims(claims, wanted.Claims);

    private static TokenRefusal? Lifetime(TokenClaims claims, TokenRequirements wanted, DateTimeOffset now)
    {
        if (!claims.TryGetTime("exp", out var expires) || !claims.TryGetTime("nbf", out var notBefore))
        {
            return new("JwtInvalid", "The token's lifetime is not a number of seconds.");
        }

        if (expires is null && wanted.RequiresExpiration)
        {
            return new("JwtInvalid", "The token has no expiration time.");
        }

        if (expires is { } end && now - wanted.Skew >= end)
        {
            return new("TokenExpired", $"The token expired at {TokenRefusal.Shown(end)}; it is {TokenRefusal.Shown(now)}. Access denied.");
        }

        return notBefore is { } begin && now + wanted.Skew < begin
            ? new("JwtInvalid", $"The token is not valid before {TokenRefusal.Shown(begin)}; it is {TokenRefusal.Shown(now)}.")
            : null;
    }

    private static TokenRefusal? Audience(TokenClaims claims, IReadOnlyList<string>? accepted) =>
        accepted is null || claims.Audiences.Any(audience => accepted.Any(one => one.TrimEnd('/') == audience.TrimEnd('/')))
            ? null
            : new("TokenAudienceNotAllowed", $"The token's audience '{TokenRefusal.Shown(string.Join(", ", claims.Audiences))}' is not allowed. Access denied.");

    private static TokenRefusal? Issuer(TokenClaims claims, IReadOnlyCollection<string>? accepted, string? excludedTenant)
    {
        if (accepted is null || accepted.Any(issuer => IsIssuer(issuer, claims)))
        {
            return excludedTenant is null || !excludedTenant.Equals(claims.TenantId, StringComparison.OrdinalIgnoreCase)
                ? null
                : new("TokenIssuerNotAllowed", "The token is for a personal account. Access denied.");
        }

        return new("TokenIssuerNotAllowed", $"The token's issuer '{TokenRefusal.Shown(claims.Issuer)}' is not allowed. Access denied.");
    }

    /// <summary>Issuers of several tenants publish a pattern; only a GUID may stand in its gap.</summary>
    public static bool IsIssuer(string issuer, TokenClaims claims) =>
        issuer.Contains("{tenantid}", StringComparison.OrdinalIgnoreCase)
            ? Guid.TryParseExact(claims.TenantId, "D", out _) && issuer.Replace("{tenantid}", claims.TenantId, StringComparison.OrdinalIgnoreCase) == claims.Issuer
            : issuer == claims.Issuer;

    private static TokenRefusal? Claims(TokenClaims claims, IReadOnlyList<ClaimRule> rules)
    {
        string[] missing = [.. rules.Where(rule => claims.Values(rule.Name) is null).Select(rule => rule.Name)];
        if (missing.Length > 0)
        {
            return new("TokenClaimNotFound", $"JWT is missing the following claims: {string.Join(", ", missing)}. Access denied.");
        }

        foreach (var rule in rules)
        {
            var all = claims.Values(rule.Name)!;
            var values = string.IsNullOrEmpty(rule.Separator)
                ? all
                : [.. all.SelectMany(value => value.Split(rule.Separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
            var holds = rule.Values.Count == 0 || (rule.All ? rule.Values.All(Holds) : rule.Values.Any(Holds));
            if (!holds)
            {
                return new("TokenClaimValueNotAllowed", $"Claim {rule.Name} value of {TokenRefusal.Shown(string.Join(", ", all))} is not allowed. Access denied.");
            }

            bool Holds(string value) => values.Contains(value, StringComparer.Ordinal);
        }

        return null;
    }
}
