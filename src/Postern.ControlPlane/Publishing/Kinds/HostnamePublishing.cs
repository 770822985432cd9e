using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>Host names of a gateway, for that gateway alone.</summary>
internal sealed class HostnamePublishing : PublishedKind
{
    public override string Type => "/gateways/hostnameConfigurations";

    public override SnapshotEntity? Read(PublishedRow row) =>
        row.Properties.Text("hostname") is { } hostname && row.Properties.Text("certificateId") is { } certificate
            ? new HostnameSnapshot(
                row.Name,
                hostname,
                ResourceIds.NameOf(certificate),
                row.Properties.Flag("negotiateClientCertificate") ?? false,
                row.Properties.Flag("tls10Enabled") ?? false,
                row.Properties.Flag("tls11Enabled") ?? false,
                row.Properties.Flag("http2Enabled") ?? true)
            : null;

    public override bool IsNeeded(ModelPart part, GatewayNeeds needs) => part.Owner.Equals(needs.Gateway.Name, StringComparison.OrdinalIgnoreCase);
}
