using System.Net.Security;
using Postern.Snapshots;

namespace Postern.Gateway.Certificates;

/// <summary>A host name with its handshake, made once: connections that begin while it is current share it.</summary>
internal sealed class HostnameState(HostnameSnapshot snapshot, CertificateState certificate, ServerTls tls)
{
    public HostnameSnapshot Snapshot { get; } = snapshot;

    public CertificateState Certificate { get; } = certificate;

    public bool NegotiatesClientCertificate => Snapshot.NegotiateClientCertificate;

    /// <summary>For connections that bring no client certificate.</summary>
    public SslServerAuthenticationOptions Options { get; } = tls.Options(certificate.Served, snapshot);

    public SslServerAuthenticationOptions QuicOptions { get; } = tls.QuicOptions(certificate.Served, snapshot);
}
