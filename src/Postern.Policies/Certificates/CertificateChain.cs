using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Policies.Certificates;

/// <summary>
/// A client certificate's chain. It is built without the network: what a certificate says about where its issuer can be had is the word
/// of a stranger.
/// </summary>
internal sealed class CertificateChain : IDisposable
{
    private const X509ChainStatusFlags NoAuthority = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;
    private const X509ChainStatusFlags NoAnswer = X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation;

    private static readonly string[] RevocationSources = ["2.5.29.31", "1.3.6.1.5.5.7.1.1"];

    private readonly X509Certificate2 _certificate;
    private readonly CertificateTrust _trust;
    private readonly bool _ownRoots;
    private readonly X509Chain _chain;

    private CertificateChain(X509Certificate2 certificate, CertificateTrust trust, bool ownRoots, X509Chain chain, DateTimeOffset time)
    {
        _certificate = certificate;
        _trust = trust;
        _ownRoots = ownRoots;
        _chain = chain;
        Time = time;
    }

    /// <summary>Why the chain does not reach a trusted authority; null when it does. The certificate's own lifetime does not count.</summary>
    public string? Fault { get; private init; }

    /// <summary>The certificate that signed this one; null when it is not known.</summary>
    public X509Certificate2? Issuer => _chain.ChainElements.Count > 1 ? _chain.ChainElements[1].Certificate : null;

    public DateTimeOffset Time { get; }

    /// <param name="purpose">Extended key usage that every certificate of the chain must allow; null for any.</param>
    public static CertificateChain Build(X509Certificate2 certificate, CertificateTrust trust, DateTimeOffset time, string? purpose = null)
    {
        var ownRoots = trust.Authorities.Count > 0;
        var chain = Prepare(trust, ownRoots, time, purpose);
        var fault = Judge(chain, certificate, trust);
        if (fault is not null && ownRoots)
        {
            // The gateway's authorities come beside the system's, not instead of them.
            var system = Prepare(trust, ownRoots: false, time, purpose);
            if (Judge(system, certificate, CertificateTrust.System) is null)
            {
                chain.Dispose();
                return new(certificate, trust, ownRoots: false, system, time);
            }

            system.Dispose();
        }

        return new(certificate, trust, ownRoots, chain, time) { Fault = fault };
    }

    /// <summary>Whether this very certificate signed the other.</summary>
    public static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 issuer, DateTimeOffset time)
    {
        using var chain = Prepare(new([issuer], [], ChecksRevocation: false), ownRoots: true, time);
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid | X509VerificationFlags.AllowUnknownCertificateAuthority;
        return chain.Build(certificate) && chain.ChainElements.Count > 1 && AreSame(chain.ChainElements[1].Certificate, issuer);
    }

    /// <summary>Asks the authorities, off the caller's thread: the platform does that while it blocks. Five seconds at most.</summary>
    /// <returns>What is wrong; null when nothing is, when no certificate names a place to ask, or when this gateway does not ask.</returns>
    public async ValueTask<string?> FindRevocationAsync(CancellationToken cancellation) =>
        Asks ? await Task.Run(AskAuthorities, cancellation).WaitAsync(cancellation) : null;

    /// <inheritdoc cref="FindRevocationAsync"/>
    public string? FindRevocation() => Asks ? AskAuthorities() : null;

    public void Dispose() => _chain.Dispose();

    private bool Asks => _trust.ChecksRevocation && _chain.ChainElements.Any(element => NamesSource(element.Certificate));

    private static bool NamesSource(X509Certificate2 certificate) =>
        certificate.Extensions.Any(extension => RevocationSources.Contains(extension.Oid?.Value));

    private string? AskAuthorities()
    {
        using var chain = Prepare(_trust, _ownRoots, Time);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.Online;
        chain.ChainPolicy.RevocationFlag = X509RevocationFlag.ExcludeRoot;
        chain.ChainPolicy.UrlRetrievalTimeout = TimeSpan.FromSeconds(5);
        return Judge(chain, _certificate, _trust);
    }

    private static X509Chain Prepare(CertificateTrust trust, bool ownRoots, DateTimeOffset time, string? purpose = null)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.LocalDateTime;
        if (purpose is not null)
        {
            chain.ChainPolicy.ApplicationPolicy.Add(new(purpose));
        }

        foreach (var intermediate in trust.Intermediates)
        {
            chain.ChainPolicy.ExtraStore.Add(intermediate);
        }

        if (ownRoots)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            foreach (var authority in trust.Authorities)
            {
                chain.ChainPolicy.CustomTrustStore.Add(authority);
                chain.ChainPolicy.ExtraStore.Add(authority);
            }
        }

        return chain;
    }

    private static string? Judge(X509Chain chain, X509Certificate2 certificate, CertificateTrust trust)
    {
        if (chain.Build(certificate))
        {
            return null;
        }

        var elements = chain.ChainElements;
        if (elements.Count == 0)
        {
            return Text([]);
        }

        // The platform ends chains at roots only; this gateway also at an authority between that it was told to trust.
        var end = elements.Skip(1).Select((element, index) => (element, index)).FirstOrDefault(pair => trust.Authorities.Any(authority => AreSame(authority, pair.element.Certificate)));
        var count = end.element is null ? elements.Count : end.index + 2;
        var forgiven = end.element is null ? X509ChainStatusFlags.NoError : NoAuthority;
        var own = Faults(elements[0], forgiven | X509ChainStatusFlags.NotTimeValid);
        X509ChainStatus[] faults = [.. own, .. elements.Take(count).Skip(1).SelectMany(element => Faults(element, forgiven))];
        return faults.Length == 0 ? null : Text(faults);
    }

    private static IEnumerable<X509ChainStatus> Faults(X509ChainElement element, X509ChainStatusFlags forgiven)
    {
        var silent = NamesSource(element.Certificate) ? X509ChainStatusFlags.NoError : NoAnswer;
        return element.ChainElementStatus.Where(status => (status.Status & ~(forgiven | silent)) != 0);
    }

    private static bool AreSame(X509Certificate2 one, X509Certificate2 other) =>
        CryptographicOperations.FixedTimeEquals(one.RawDataMemory.Span, other.RawDataMemory.Span);

    private static string Text(X509ChainStatus[] faults) =>
        faults.Any(fault => (fault.Status & NoAuthority) != 0) || faults.Length == 0
            ? "A certificate chain could not be built to a trusted root authority."
            : $"The certificate's chain is not valid: {string.Join(", ", faults.Select(fault => fault.Status).Distinct())}.";
}
