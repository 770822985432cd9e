using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Postern.Authority.Tenancy;

/// <summary>With what an application, or a service principal of its own, proves who it is. All of them count side by side.</summary>
internal sealed record Credentials(
    ImmutableArray<ClientSecret> Secrets,
    ImmutableArray<ClientCertificate> Certificates,
    ImmutableArray<FederatedCredential> Federated)
{
    public static Credentials None { get; } = new([], [], []);
}

/// <param name="Hint">First characters, to tell secrets apart; empty for seeded ones, which people may have chosen short.</param>
/// <param name="Seeded">Belongs to the seed and is replaced with it.</param>
internal sealed record ClientSecret(
    string KeyId, string? DisplayName, string Hint, SecretHash Hash, DateTimeOffset Starts, DateTimeOffset Ends, bool Seeded = false);

/// <param name="Der">The certificate without its private key.</param>
internal sealed record ClientCertificate(string KeyId, string? DisplayName, byte[] Der, DateTimeOffset Starts, DateTimeOffset Ends)
{
    /// <summary>SHA-1 of the certificate, the <c>x5t</c> by which most clients name it. A name only: what proves is the signature.</summary>
    public byte[] Sha1 { get; } = SHA1.HashData(Der);

    /// <summary>SHA-256 of the certificate, <c>x5t#S256</c>.</summary>
    public byte[] Sha256 { get; } = SHA256.HashData(Der);
}

/// <summary>Trusts tokens of another issuer whose issuer, subject and audience are exactly these.</summary>
internal sealed record FederatedCredential(
    string Id, string Name, string Issuer, string Subject, ImmutableArray<string> Audiences, string? Description);
