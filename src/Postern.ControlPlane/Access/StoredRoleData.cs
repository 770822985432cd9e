using Postern.ControlPlane.Access.Rbac;

namespace Postern.ControlPlane.Access;

/// <summary>
/// This control plane's own role data, read as the service's identity: what the authorization API would refuse that identity, it is
/// refused here.
/// </summary>
internal sealed class StoredRoleData(StoredRoles roles, AccessEvaluation evaluation) : IRoleData
{
    public async ValueTask<RoleDataOutcome> ReadAsync(ServiceIdentity identity, string serviceScope, CancellationToken cancellation)
    {
        var set = await roles.CurrentAsync(cancellation);
        foreach (var action in RoleDataReads.All)
        {
            if (await evaluation.DecideAsync(identity.PrincipalId, action, Plane.Action, serviceScope, set, cancellation) is not { } decision)
            {
                return new(null, Unreachable: true);
            }

            if (!decision.Allowed)
            {
                return new(null, action, decision.Explanation);
            }
        }

        return new(set);
    }
}
