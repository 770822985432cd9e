namespace Postern.Snapshots;

/// <summary>A host name that this gateway answers to over TLS.</summary>
/// <param name="Hostname">A DNS name, <c>*.</c> and a DNS name, or <c>*</c>.</param>
/// <param name="CertificateId">Name of the certificate.</param>
/// <param name="NegotiateClientCertificate">Callers are asked for a certificate in the handshake; they need not have one.</param>
public sealed record HostnameSnapshot(
    string Id,
    string Hostname,
    string CertificateId,
    bool NegotiateClientCertificate,
    bool Tls10Enabled,
    bool Tls11Enabled,
    bool Http2Enabled) : SnapshotEntity
{
    public override string Key => $"hostnames/{Id}";
}
