using Postern.ControlPlane.Resources;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>Certificate authorities of a gateway, for that gateway alone.</summary>
internal sealed class CertificateAuthorityPublishing : PublishedKind
{
    public override string Type => "/gateways/certificateAuthorities";

    public override SnapshotEntity? Read(PublishedRow row) => new CertificateAuthoritySnapshot(row.Name, row.Properties.Flag("isTrusted") ?? false);

    public override bool IsNeeded(ModelPart part, GatewayNeeds needs) => part.Owner.Equals(needs.Gateway.Name, StringComparison.OrdinalIgnoreCase);
}
