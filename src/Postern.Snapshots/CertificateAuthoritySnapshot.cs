namespace Postern.Snapshots;

/// <summary>A certificate of the service that this gateway takes for an authority.</summary>
/// <param name="CertificateId">Name of the certificate; the same as the authority's.</param>
/// <param name="IsTrusted">False: it helps to build chains, but none may end there.</param>
public sealed record CertificateAuthoritySnapshot(string CertificateId, bool IsTrusted) : SnapshotEntity
{
    public override string Key => $"certificateAuthorities/{CertificateId}";
}
