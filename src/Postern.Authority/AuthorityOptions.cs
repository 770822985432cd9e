using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Hosting;
using Postern.Hosting.Tls;

namespace Postern.Authority;

/// <summary>Settings of the local authority: an Entra-compatible token service and the slice of Microsoft Graph that goes with it.</summary>
public sealed class AuthorityOptions
{
    /// <summary>
    /// Holds <c>authority.db</c> (the directory) and <c>authority.key</c> (seals the signing keys in it). Created when absent; both
    /// files have mode 0600. Losing the key file means new signing keys, nothing else.
    /// </summary>
    public required string DataFolder { get; init; }

    public ListenAddress Listen { get; init; } = ListenAddress.Loopback();

    public required X509Certificate2 ServerCertificate { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// Host under which clients reach this authority, with a port when that isn't the one listened on (<c>login.example:443</c>). It is
    /// part of every issuer and of every address in the discovery documents, which never come from a request's Host header.
    /// </summary>
    public string? PublicHost { get; init; }

    public required AuthoritySeed Seed { get; init; }

    /// <summary>Tenants beside the default one.</summary>
    public IReadOnlyList<AuthoritySeed> MoreTenants { get; init; } = [];

    /// <summary>Trusted when the keys of federated issuers are fetched.</summary>
    public TrustedRoots Roots { get; init; } = TrustedRoots.System;

    /// <summary>
    /// Refuse a certificate assertion whose <c>jti</c> was used before. Off as in Entra, because MSAL for Python (and so az) uses one
    /// assertion for several tokens. Federated tokens are always good until they expire.
    /// </summary>
    public bool SingleUseAssertions { get; init; }

    /// <summary>Rounds of PBKDF2 for seeded secrets, which people may have chosen; tests lower it.</summary>
    internal int SecretRounds { get; init; } = Tenancy.SecretHash.DefaultRounds;
}

/// <summary>What the directory holds at least, ensured at each start. Nothing that was added since is taken away.</summary>
/// <param name="TenantId">The default tenant: the one that the <c>/adfs</c> addresses speak for.</param>
public sealed record AuthoritySeed(string TenantId, IReadOnlyList<SeedApplication> Applications);

/// <param name="ClientId">Application (client) id.</param>
/// <param name="ObjectId">Object id of the service principal: what role assignments name. Not the application's object id.</param>
/// <param name="Secret">Replaces the seeded secret of an earlier start; other secrets stay. Null takes the seeded one away.</param>
/// <param name="DirectoryWriter">May create and change objects through Graph. Everyone authenticated may read.</param>
public sealed record SeedApplication(string ClientId, string DisplayName, string ObjectId, string? Secret, bool DirectoryWriter)
{
    public override string ToString() => $"{nameof(SeedApplication)} {{ ClientId = {ClientId}, DisplayName = {DisplayName} }}";
}
