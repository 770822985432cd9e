using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Policies.Certificates;

/// <summary>How a gateway judges the certificates of its callers.</summary>
/// <param name="Authorities">Trusted beside the system's: a chain may end at any of them, root or not.</param>
/// <param name="Intermediates">Known, not trusted: they help to build chains.</param>
/// <param name="ChecksRevocation">Whether authorities are asked at all, <c>security.certificate-revocation.validation.enabled</c>.</param>
public sealed record CertificateTrust(
    IReadOnlyList<X509Certificate2> Authorities, IReadOnlyList<X509Certificate2> Intermediates, bool ChecksRevocation)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly ConditionalWeakTable<X509Certificate2, CertificateTrust> Known = [];

    /// <summary>When expressions judge.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The system's authorities alone.</summary>
    public static CertificateTrust System { get; } = new([], [], ChecksRevocation: false);

    /// <param name="sent">Certificates that the caller sent beside its own.</param>
    public CertificateTrust With(IReadOnlyList<X509Certificate2> sent) =>
        sent.Count == 0 ? this : this with { Intermediates = [.. Intermediates, .. sent] };

    /// <summary>Expressions judge this certificate so, and others by the system's authorities alone.</summary>
    public static void Remember(X509Certificate2 certificate, CertificateTrust trust)
    {
        if (!Known.TryGetValue(certificate, out var before) || !before.Equals(trust))
        {
            Known.AddOrUpdate(certificate, trust);
        }
    }

    /// <summary>What was remembered; <see cref="System"/> for certificates that expressions made themselves.</summary>
    internal static CertificateTrust Of(X509Certificate2 certificate) => Known.TryGetValue(certificate, out var trust) ? trust : System;

    /// <summary>Whether the certificate is valid now and its chain reaches an authority.</summary>
    /// <param name="revocation">Also ask its authorities whether it was revoked, when this gateway does that at all.</param>
    internal bool Verifies(X509Certificate2 certificate, bool revocation) => Verifies(certificate, revocation, purpose: null);

    /// <summary>Whether one of <see cref="Authorities"/> vouches for a server's certificate. Its name is for others to check.</summary>
    /// <param name="sent">Certificates that the server sent beside its own.</param>
    public bool VerifiesServer(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> sent) =>
        Authorities.Count > 0 && With(sent).Verifies(certificate, revocation: true, ServerAuthentication);

    private bool Verifies(X509Certificate2 certificate, bool revocation, string? purpose)
    {
        var now = Time.GetUtcNow();
        if (now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime())
        {
            return false;
        }

        using var chain = CertificateChain.Build(certificate, this, now, purpose);
        return chain.Fault is null && (!revocation || chain.FindRevocation() is null);
    }
}
