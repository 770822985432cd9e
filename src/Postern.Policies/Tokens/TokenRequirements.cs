namespace Postern.Policies.Tokens;

/// <summary>What a policy demands of a token in one request.</summary>
internal sealed record TokenRequirements
{
    /// <summary>Keys that the policy itself names.</summary>
    public IReadOnlyList<TokenKey> Keys { get; init; } = [];

    /// <summary>Where issuers publish theirs.</summary>
    public IReadOnlyList<OpenIdConfiguration> Published { get; init; } = [];

    public IReadOnlyList<DecryptionKey> DecryptionKeys { get; init; } = [];

    /// <summary>Accepted beside the issuers of <see cref="Published"/>. With neither, any issuer will do.</summary>
    public IReadOnlyList<string>? Issuers { get; init; }

    /// <summary>Null: any audience will do.</summary>
    public IReadOnlyList<string>? Audiences { get; init; }

    public IReadOnlyList<ClaimRule> Claims { get; init; } = [];

    /// <summary>A tenant that is not accepted even though the issuer is.</summary>
    public string? ExcludedTenant { get; init; }

    public bool RequiresExpiration { get; init; } = true;

    public bool RequiresSignature { get; init; } = true;

    public TimeSpan Skew { get; init; }
}

/// <param name="All">Every value must be in the token; else one of them is enough.</param>
/// <param name="Values">None: the claim must be there, whatever it says.</param>
/// <param name="Separator">Cuts a claim's text into several values; null for not.</param>
internal sealed record ClaimRule(string Name, bool All, IReadOnlyList<string> Values, string? Separator = null);
