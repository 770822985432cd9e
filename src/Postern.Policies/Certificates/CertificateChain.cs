using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Policies.Certificates;

/// <summary>
/// A client certificate's chain. It is built without the network: what a certificate says about where its issuer can be had is the word
/// of a stranger.
/// </summary>
internal sealed class CertificateChain : IDisposable
{
    private static readonly string[] RevocationSources = ["2.5.29.31", "1.3.6.1.5.5.7.1.1"];

    private readonly X509Certificate2 _certificate;
    private readonly IReadOnlyList<X509Certificate2> _authorities;
    private readonly X509Chain _chain;

    private CertificateChain(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> authorities, X509Chain chain, DateTimeOffset time)
    {
        _certificate = certificate;
        _authorities = authorities;
        _chain = chain;
        Time = time;
    }

    /// <summary>Why the chain does not reach a trusted authority; null when it does. The certificate's own lifetime does not count.</summary>
    public string? Fault { get; private init; }

    /// <summary>The certificate that signed this one; null when it is not known.</summary>
    public X509Certificate2? Issuer => _chain.ChainElements.Count > 1 ? _chain.ChainElements[1].Certificate : null;

    public DateTimeOffset Time { get; }

    /// <param name="authorities">The gateway's own; when there are none, the system's are trusted.</param>
    public static CertificateChain Build(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> authorities, DateTimeOffset time)
    {
        var chain = Prepare(authorities, time);
        var fault = Judge(chain, certificate);
        if (fault is not null && authorities.Count > 0)
        {
            // The gateway's authorities come beside the system's, not instead of them.
            var system = Prepare([], time);
            if (Judge(system, certificate) is null)
            {
                chain.Dispose();
                return new(certificate, [], system, time);
            }

            system.Dispose();
        }

        return new(certificate, authorities, chain, time) { Fault = fault };
    }

    /// <summary>Whether this very certificate signed the other.</summary>
    public static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 issuer, DateTimeOffset time)
    {
        using var chain = Prepare([issuer], time);
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid | X509VerificationFlags.AllowUnknownCertificateAuthority;
        return chain.Build(certificate) && chain.ChainElements.Count > 1
            && CryptographicOperations.FixedTimeEquals(chain.ChainElements[1].Certificate.RawDataMemory.Span, issuer.RawDataMemory.Span);
    }

    /// <summary>Asks the authorities, off the caller's thread: the platform does that while it blocks. Five seconds at most.</summary>
    /// <returns>What is wrong; null when nothing is, or when no certificate of the chain names a place to ask.</returns>
    public async ValueTask<string?> IsRevokedAsync(CancellationToken cancellation)
    {
        if (!_chain.ChainElements.Any(element => element.Certificate.Extensions.Any(extension => RevocationSources.Contains(extension.Oid?.Value))))
        {
            return null;
        }

        return await Task.Run(AskAuthorities, cancellation).WaitAsync(cancellation);
    }

    public void Dispose() => _chain.Dispose();

    private string? AskAuthorities()
    {
        using var chain = Prepare(_authorities, Time);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.Online;
        chain.ChainPolicy.RevocationFlag = X509RevocationFlag.ExcludeRoot;
        chain.ChainPolicy.UrlRetrievalTimeout = TimeSpan.FromSeconds(5);
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(_certificate) ? null : Text(chain.ChainStatus);
    }

    private static X509Chain Prepare(IReadOnlyList<X509Certificate2> authorities, DateTimeOffset time)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.LocalDateTime;
        if (authorities.Count > 0)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            foreach (var authority in authorities)
            {
                // Authorities may be roots or stand between; the platform takes each for what it is.
                chain.ChainPolicy.CustomTrustStore.Add(authority);
                chain.ChainPolicy.ExtraStore.Add(authority);
            }
        }

        return chain;
    }

    private static string? Judge(X509Chain chain, X509Certificate2 certificate)
    {
        if (chain.Build(certificate))
        {
            return null;
        }

        var own = chain.ChainElements.Count > 0 ? chain.ChainElements[0].ChainElementStatus : [];
        var others = chain.ChainElements.Skip(1).SelectMany(element => element.ChainElementStatus);
        X509ChainStatus[] faults = [.. own.Where(status => status.Status != X509ChainStatusFlags.NotTimeValid), .. others];
        return faults.Length == 0 && chain.ChainElements.Count > 0 ? null : Text(faults);
    }

    private static string Text(X509ChainStatus[] faults) =>
        faults.Any(fault => (fault.Status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != 0) || faults.Length == 0
            ? "A certificate chain could not be built to a trusted root authority."
            : $"The certificate's chain is not valid: {string.Join(", ", faults.Select(fault => fault.Status).Distinct())}.";
}
