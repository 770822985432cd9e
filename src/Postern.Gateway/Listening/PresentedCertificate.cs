using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Gateway.Listening;

/// <summary>A secure connection's client certificate, if it was asked for one; a feature of the connection.</summary>
internal sealed class PresentedCertificate
{
    /// <summary>More than any chain needs.</summary>
    private const int MostIssuers = 10;

    public X509Certificate2? Certificate { get; private set; }

    /// <summary>What the caller sent beside it.</summary>
    public IReadOnlyList<X509Certificate2> Issuers { get; private set; } = [];

    /// <summary>The handshake takes whatever is presented, and nothing too: who may call what is for policies to say.</summary>
    public bool Take(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return true;
        }

        Certificate = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        Issuers = chain is null ? []
            : [.. chain.ChainPolicy.ExtraStore.Where(sent => !sent.RawDataMemory.Span.SequenceEqual(Certificate.RawDataMemory.Span)).Take(MostIssuers)
                .Select(sent => X509CertificateLoader.LoadCertificate(sent.RawDataMemory.Span))];
        return true;
    }
}
