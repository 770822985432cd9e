using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Hosting.Tls;
using Postern.Snapshots;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// The certificates that a backend entity names: no other is accepted, whoever issued it. A thumbprint vouches for that certificate by itself,
/// a name with an issuer's thumbprint for what that issuer signed, and a name alone still needs a trusted authority.
/// </summary>
internal sealed class ServerCertificatePins(BackendPinsSnapshot pins, TimeProvider time)
{
    /// <summary>Tells sets of pins apart: connections that were made under one are not used under another.</summary>
    public string Key { get; } = string.Join('|', pins.Thumbprints.Concat(pins.Names.Select(name => $"{name.Name}/{name.IssuerThumbprint}")));

    /// <param name="errors">What the platform found, without what the entity says not to look at.</param>
    public bool Accept(X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors, TrustedRoots roots)
    {
        if (presented is null || chain is null)
        {
            return false;
        }

        var certificate = presented as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(presented.GetRawCertData());
        if (pins.Thumbprints.Any(thumbprint => IsThumbprint(certificate, thumbprint)))
        {
            var now = time.GetUtcNow();
            return !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && now >= certificate.NotBefore.ToUniversalTime() && now <= certificate.NotAfter.ToUniversalTime();
        }

        return pins.Names.Where(name => HasName(certificate, name.Name)).Any(name => name.IssuerThumbprint is { } issuer
            ? IsIssuedBy(certificate, chain, issuer)
            : roots.Validate(certificate, chain, errors & ~SslPolicyErrors.RemoteCertificateNameMismatch));
    }

    private static bool IsThumbprint(X509Certificate2 certificate, string thumbprint) =>
        certificate.GetCertHashString(thumbprint.Length == 40 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256).Equals(thumbprint, StringComparison.OrdinalIgnoreCase);

    /// <summary>The pinned name stands in for the host's: it is the subject's common name or one of its DNS names.</summary>
    private static bool HasName(X509Certificate2 certificate, string name)
    {
        name = name.StartsWith("CN=", StringComparison.OrdinalIgnoreCase) ? name[3..] : name;
        return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false).Equals(name, StringComparison.OrdinalIgnoreCase)
            || (Uri.CheckHostName(name) == UriHostNameType.Dns && certificate.MatchesHostname(name, allowWildcards: false, allowCommonName: false));
    }

    /// <summary>Builds a chain of what the server sent whose signatures and times hold; it may end in an authority that nobody else trusts.</summary>
    private bool IsIssuedBy(X509Certificate2 certificate, X509Chain sent, string issuer)
    {
        using var own = new X509Chain();
        own.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        foreach (var element in sent.ChainElements)
        {
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        own.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        own.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.1"));
        return own.Build(certificate) && own.ChainElements.Skip(1).Any(element => IsThumbprint(element.Certificate, issuer));
    }
}
