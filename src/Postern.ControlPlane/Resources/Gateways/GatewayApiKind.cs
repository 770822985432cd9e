using Postern.ControlPlane.Resources.Apis;
using Postern.ControlPlane.Resources.Associations;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>An API that a gateway serves. Answers show the API under an id below the gateway.</summary>
internal sealed class GatewayApiKind(KindServices services) : AssociationKind(services, TypeName, ApiKind.TypeName, ownId: true)
{
    public const string TypeName = "Microsoft.ApiManagement/service/gateways/apis";

    public override int HeadStatus => 200;

    protected override ResourceKind Target { get; } = new ApiKind(services);

    protected override ValueTask<ArmError?> AssociatingAsync(ResourceChange change, ResourceRow target, CancellationToken cancellation) =>
        new(ApiRevisions.TrySplit(target.Name, out _, out _)
            ? ArmErrors.BadRequest("A gateway serves APIs with all their revisions: name the API without ';rev='.", target.Name)
            : null);
}
