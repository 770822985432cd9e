using Postern.ControlPlane.Resources.Associations;
using Postern.ControlPlane.Resources.Users;

namespace Postern.ControlPlane.Resources.Groups;

/// <summary>A user in a group.</summary>
internal sealed class GroupUserKind(KindServices services)
    : AssociationKind(services, "Microsoft.ApiManagement/service/groups/users", UserKind.TypeName, ownId: false)
{
    protected override ResourceKind Target { get; } = new UserKind(services);
}
