using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.Rbac;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>
/// Decides whether an Entra principal may have a gateway's configuration, step by step: the service's identity, what that identity may
/// read, and what the principal may do according to it.
/// </summary>
internal sealed class ConfigurationRights(IRoleData roleData, AccessEvaluation evaluation)
{
    public const string DataAction = "Microsoft.ApiManagement/service/gateways/getConfiguration/action";

    public async ValueTask<ConfigurationDecision> DecideAsync(string principalId, KnownService service, string gateway, CancellationToken cancellation)
    {
        var scope = ArmScope.Normalise(service.GatewayId(gateway));
        var decision = new ConfigurationDecision(principalId, scope);
        if (service.Identity is not { } identity)
        {
            return service.HasUserIdentity
                ? decision.Fails(ConfigurationStep.Identity, AccessDiagnostics.OnlyUserIdentity,
                    $"The service '{service.Name}' has only a user-assigned managed identity; roles are read with the system-assigned one, which it has not.")
                : decision.Fails(ConfigurationStep.Identity, AccessDiagnostics.NoSystemIdentity,
                    $"The service '{service.Name}' has no system-assigned managed identity to read roles with.");
        }

        decision = decision.Passes(ConfigurationStep.Identity, $"The service '{service.Name}' has the system-assigned managed identity '{identity.PrincipalId}'.");
        var data = await roleData.ReadAsync(identity, ArmScope.Normalise(service.Id), cancellation);
        if (data.Unreachable)
        {
            return decision.Fails(ConfigurationStep.RoleData, AccessDiagnostics.RolesUnreachable, "Role data is not reachable.", unavailable: true);
        }

        if (data.Roles is not { } roles)
        {
            return decision.Fails(ConfigurationStep.RoleData, AccessDiagnostics.IdentityMayNotReadRoles,
                $"The system-assigned managed identity '{identity.PrincipalId}' of service '{service.Name}' may not read roles: it lacks '{data.MissingAction}' "
                + $"over scope '{service.Id}'. {data.Explanation}");
        }

        decision = decision.Passes(ConfigurationStep.RoleData, $"The identity '{identity.PrincipalId}' may read role data over scope '{service.Id}'.");
        if (await evaluation.DecideAsync(principalId, DataAction, Plane.DataAction, scope, roles, cancellation) is not { } outcome)
        {
            return decision.Fails(ConfigurationStep.DataAction, AccessDiagnostics.GroupsUnreachable,
                "The directory is not reachable, and a role or deny assignment may be to a group.", unavailable: true);
        }

        return outcome.Allowed
            ? decision.Passes(ConfigurationStep.DataAction, outcome.Explanation)
            : decision.Fails(ConfigurationStep.DataAction,
                outcome.Step == AccessStep.Denied ? AccessDiagnostics.DenyAssignment : AccessDiagnostics.DataActionNotPermitted, outcome.Explanation);
    }
}
