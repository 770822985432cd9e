using Postern.ControlPlane.Access.Rbac;
using Evaluation = Postern.ControlPlane.Access.Rbac.Rbac;

namespace Postern.ControlPlane.Access;

/// <summary>
/// This control plane's own role data, read as the service's identity: what the authorization API would refuse that identity, it is
/// refused here.
/// </summary>
internal sealed class StoredRoleData(StoredRoles roles, IGroupMembership groups) : IRoleData
{
    public async ValueTask<RoleDataOutcome> ReadAsync(ServiceIdentity identity, string serviceScope, CancellationToken cancellation)
    {
        var set = await roles.CurrentAsync(cancellation);
        var memberOf = await groups.GroupsOfAsync(identity.PrincipalId, cancellation);
        foreach (var action in RoleDataReads.All)
        {
            var decision = Evaluation.Evaluate(new(identity.PrincipalId, memberOf, action, Plane.Action, serviceScope), set);
            if (!decision.Allowed)
            {
                return new(null, action, decision.Explanation);
            }
        }

        return new(set);
    }
}
