using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary>
/// <c>keyCredentials</c> and <c>passwordCredentials</c> in a body. Both replace the whole list: an entry without its key or secret
/// means the one that is there already, by key id. New secrets are only made here, by addPassword, never brought along.
/// </summary>
internal static class CredentialPatch
{
    /// <summary>Per kind; every secret is tried at a first login.</summary>
    public const int MaxPerKind = 20;

    /// <exception cref="GraphBodyException">An entry can't be taken.</exception>
    public static Credentials Apply(JsonObject body, Credentials before)
    {
        var secrets = body.Objects("passwordCredentials")?.Select(entry => Known(entry, before)).ToImmutableArray();
        var certificates = body.Objects("keyCredentials")?.Select(entry => Certificate(entry, before)).ToImmutableArray();
        return certificates is { Length: > MaxPerKind }
            ? throw new GraphBodyException($"Property 'keyCredentials' has more than {MaxPerKind} entries.")
            : before with { Secrets = secrets ?? before.Secrets, Certificates = certificates ?? before.Certificates };
    }

    private static ClientSecret Known(JsonObject entry, Credentials before) =>
        before.Secrets.FirstOrDefault(secret => string.Equals(secret.KeyId, entry.Text("keyId"), StringComparison.OrdinalIgnoreCase))
        ?? throw new GraphBodyException("Property 'passwordCredentials' can only keep existing entries; use addPassword for a new one.");

    private static ClientCertificate Certificate(JsonObject entry, Credentials before)
    {
        var keyId = entry.Text("keyId");
        if (entry.Text("key") is not { Length: > 0 } key)
        {
            return before.Certificates.FirstOrDefault(each => string.Equals(each.KeyId, keyId, StringComparison.OrdinalIgnoreCase))
                ?? throw new GraphBodyException("An entry of 'keyCredentials' has neither a key nor the keyId of an existing one.");
        }

        if (entry.Text("type") is not (null or "AsymmetricX509Cert") || entry.Text("usage") is not (null or "Verify"))
        {
            throw new GraphBodyException("An entry of 'keyCredentials' must be of type AsymmetricX509Cert and usage Verify.");
        }

        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(key));
            var (starts, ends) = (new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
            return new(
                Guid.TryParse(keyId, out var id) ? id.ToString() : Guid.NewGuid().ToString(),
                entry.Text("displayName") ?? certificate.Subject,
                certificate.RawData,
                Later(entry.Time("startDateTime"), starts),
                Earlier(entry.Time("endDateTime"), ends));
        }
        catch (Exception problem) when (problem is FormatException or CryptographicException)
        {
            throw new GraphBodyException("The key of an entry of 'keyCredentials' is not a base64 X.509 certificate.");
        }
    }

    private static DateTimeOffset Later(DateTimeOffset? asked, DateTimeOffset own) => asked > own ? asked.Value : own;

    private static DateTimeOffset Earlier(DateTimeOffset? asked, DateTimeOffset own) => asked < own ? asked.Value : own;
}
