using Postern.ControlPlane.Resources.Associations;
using Postern.ControlPlane.Resources.Groups;

namespace Postern.ControlPlane.Resources.Products;

/// <summary>A group that sees a product.</summary>
internal sealed class ProductGroupKind(KindServices services) : AssociationKind(services, TypeName, GroupKind.TypeName, ownId: false)
{
    public const string TypeName = "Microsoft.ApiManagement/service/products/groups";

    protected override ResourceKind Target { get; } = new GroupKind(services);
}
