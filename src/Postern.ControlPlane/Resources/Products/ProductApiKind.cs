using Postern.ControlPlane.Resources.Apis;
using Postern.ControlPlane.Resources.Associations;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Products;

/// <summary>An API of a product. Answers show the API under its own id.</summary>
internal sealed class ProductApiKind(KindServices services)
    : AssociationKind(services, "Microsoft.ApiManagement/service/products/apis", ApiKind.TypeName, ownId: false)
{
    protected override ResourceKind Target { get; } = new ApiKind(services);

    protected override ValueTask<ArmError?> AssociatingAsync(ResourceChange change, ResourceRow target, CancellationToken cancellation) =>
        new(ApiRevisions.TrySplit(target.Name, out _, out _)
            ? ArmErrors.BadRequest("A product holds APIs, not single revisions: name the API without ';rev='.", target.Name)
            : null);
}
