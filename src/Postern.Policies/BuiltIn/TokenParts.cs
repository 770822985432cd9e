using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Postern.Policies.Language;
using Postern.Policies.Runtime;
using Postern.Policies.Tokens;

namespace Postern.Policies.BuiltIn;

/// <summary><c>audiences</c>: any of them will do.</summary>
internal sealed record AudiencesPart : PolicyPart
{
    [XmlChild("audience", Summary = "An accepted audience.")]
    public required IReadOnlyList<Value<string>> Audiences { get; init; }
}

/// <summary><c>issuers</c>: any of them will do.</summary>
internal sealed record IssuersPart : PolicyPart
{
    [XmlChild("issuer", Summary = "An accepted issuer.")]
    public required IReadOnlyList<Value<string>> Issuers { get; init; }
}

/// <summary><c>required-claims</c>: all of them must hold.</summary>
internal sealed record RequiredClaimsPart : PolicyPart
{
    [XmlChild("claim", Summary = "A claim that must be there.")]
    public required IReadOnlyList<ClaimPart> Claims { get; init; }

    public IReadOnlyList<ClaimRule> Rules(PolicyContext context) => [.. Claims.Select(claim => claim.Rule(context))];
}

internal sealed record ClaimPart : PolicyPart
{
    [XmlAttribute("name", Summary = "Name of the claim.")]
    public required Value<string> Claim { get; init; }

    [XmlAttribute("match", Summary = "Whether every value must be in the token, or one of them.")]
    public Value<ClaimMatch> Match { get; init; } = ClaimMatch.All;

    [XmlAttribute("separator", AllowsEmpty = true, Summary = "Cuts a claim's text into several values.")]
    public Value<string>? Separator { get; init; }

    [XmlChild("value", Summary = "An accepted value, case-sensitive; none: the claim must only be there.")]
    public IReadOnlyList<Value<string>> Values { get; init; } = [];

    // A separator may well be a space, which readers of attributes would take off.
    public ClaimRule Rule(PolicyContext context) => new(
        Claim.Get(context), Match.Get(context) == ClaimMatch.All, [.. Values.Select(value => value.Get(context))],
        Separator?.Get(context) is { } separator ? separator.Length == 0 ? " " : separator : null);
}

internal enum ClaimMatch : byte
{
    All,
    Any,
}

/// <summary><c>openid-config</c>.</summary>
internal sealed record OpenIdConfigPart : PolicyPart
{
    [XmlAttribute("url", Summary = "Address of the issuer's OpenID configuration.")]
    public required string Address { get; init; }

    [XmlAttribute("validate-connectivity", Summary = "Accepted; the gateway tries the address when the first token comes.")]
    public bool ValidateConnectivity { get; init; }

    public override void Validate(PolicyRules rules) =>
        rules.Check(OutgoingMessages.ParseAddress(Address) is not null, "Attribute 'url' is not an absolute http or https address.");
}

/// <summary><c>issuer-signing-keys</c>: tried one after another.</summary>
internal sealed record SigningKeysPart : PolicyPart
{
    [XmlChild("key", Summary = "A key that signatures are verified with.")]
    public required IReadOnlyList<SigningKeyPart> Keys { get; init; }
}

internal sealed record SigningKeyPart : PolicyPart
{
    /// <summary>What was worked out of an uploaded certificate, as long as the certificate lives.</summary>
    private readonly ConditionalWeakTable<X509Certificate2, TokenKeySlot> _fromCertificates = [];

    [XmlAttribute("id", Summary = "Tokens name it as kid; without one the key is tried with all tokens.")]
    public string? KeyId { get; init; }

    [XmlAttribute("certificate-id", Summary = "Name of an uploaded certificate.")]
    public string? CertificateId { get; init; }

    [XmlAttribute("n", Summary = "Modulus of an RSA key, Base64url.")]
    public string? Modulus { get; init; }

    [XmlAttribute("e", Summary = "Exponent of an RSA key, Base64url.")]
    public string? Exponent { get; init; }

    [XmlText(Summary = "A secret for HMAC, Base64, 16 bytes at least.")]
    public string? Secret { get; init; }

    public override void Validate(PolicyRules rules)
    {
        rules.Check((Modulus is null) == (Exponent is null), "The attributes 'n' and 'e' belong together.");
        rules.Check(new[] { CertificateId, Modulus, Secret }.Count(one => one is not null) == 1,
            "A key is exactly one of: attribute 'certificate-id', attributes 'n' and 'e', or a Base64 text.");
        rules.Check(Secret is null || KeyText.Bytes(Secret) is { Length: >= TokenKey.LeastSecretBytes }, $"The key's text is not Base64 of {TokenKey.LeastSecretBytes} bytes at least.");
        rules.Check(Modulus is null || Exponent is null || Rsa() is not null, $"The attributes 'n' and 'e' are not an RSA key of {TokenKey.LeastRsaBits} bits at least.");
    }

    /// <returns>Null when it needs an uploaded certificate.</returns>
    public TokenKey? Constant() => Secret is not null ? new SecretTokenKey(KeyText.Bytes(Secret)!) { Id = KeyId }
        : Modulus is not null ? Rsa()
        : null;

    /// <returns>Null when there is no such certificate.</returns>
    public TokenKey? FromUploaded(PolicyContext context) =>
        CertificateId is not null && context.Deployment.Certificates.TryGetValue(CertificateId, out var certificate)
            ? _fromCertificates.GetValue(certificate, one => new(TokenKey.From(one, KeyId))).Key
            : null;

    private RsaTokenKey? Rsa() => KeyText.Bytes(Modulus!) is { } n && KeyText.Bytes(Exponent!) is { } e && PublishedKeys.Rsa(n, e) is { } rsa ? new(rsa) { Id = KeyId } : null;

    private sealed record TokenKeySlot(TokenKey? Key);
}

/// <summary><c>decryption-keys</c>: tried one after another.</summary>
internal sealed record DecryptionKeysPart : PolicyPart
{
    [XmlChild("key", Summary = "A key that encrypted tokens are opened with.")]
    public required IReadOnlyList<DecryptionKeyPart> Keys { get; init; }

    public IReadOnlyList<DecryptionKey> Find(PolicyContext context) => [.. Keys.Select(key => key.Find(context)).OfType<DecryptionKey>()];
}

internal sealed record DecryptionKeyPart : PolicyPart
{
    private DecryptionKey? _constant;

    [XmlAttribute("id", Summary = "Tokens name it as kid; without one the key is tried with all tokens.")]
    public string? KeyId { get; init; }

    [XmlAttribute("certificate-id", Summary = "Name of an uploaded certificate with its private key.")]
    public string? CertificateId { get; init; }

    [XmlText(Summary = "A secret, Base64, 16 bytes at least.")]
    public string? Secret { get; init; }

    public override void Validate(PolicyRules rules)
    {
        rules.Check((CertificateId is null) != (Secret is null), "A key is either the attribute 'certificate-id' or a Base64 text.");
        rules.Check(Secret is null || KeyText.Bytes(Secret) is { Length: >= TokenKey.LeastSecretBytes }, $"The key's text is not Base64 of {TokenKey.LeastSecretBytes} bytes at least.");
    }

    public DecryptionKey? Find(PolicyContext context)
    {
        if (Secret is not null)
        {
            return _constant ??= new(KeyText.Bytes(Secret)!, KeyId);
        }

        return context.Deployment.Certificates.TryGetValue(CertificateId!, out var certificate) ? new(certificate, KeyId) : null;
    }
}

/// <summary>Keys in documents: Base64 in either alphabet, with or without padding.</summary>
internal static class KeyText
{
    public static byte[]? Bytes(string text) => TokenText.Bytes(text.Trim().TrimEnd('=').Replace('+', '-').Replace('/', '_'));
}
