using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access.EntraTokens;
using Postern.ControlPlane.Access.Rbac;
using Evaluation = Postern.ControlPlane.Access.Rbac.Rbac;

namespace Postern.ControlPlane.Access;

/// <summary>The management API's door: bearer tokens for its audience, then roles from this control plane's store.</summary>
/// <param name="audiences">Asked at each call, because the own address is known only when the server listens.</param>
internal sealed class ManagementAccess(
    EntraAuthentication authentication, Func<IReadOnlyCollection<string>> audiences, StoredRoles roles, IGroupMembership groups, ILogger logger) : IManagementAccess
{
    public ValueTask<Admission> AuthenticateAsync(string? authorization, CancellationToken cancellation) =>
        authentication.AuthenticateAsync(authorization, audiences(), cancellation);

    public async ValueTask<AccessRefusal?> AuthorizeAsync(Principal principal, string action, string scope, CancellationToken cancellation)
    {
        var decision = await DecideAsync(principal.ObjectId, action, scope, cancellation);
        if (decision.Allowed)
        {
            return null;
        }

        AccessLog.NotPermitted(logger, principal.ObjectId, action, decision.Question.Scope, decision.Explanation);
        return new(403, "AuthorizationFailed",
            $"The client '{principal.ClientName}' with object id '{principal.ObjectId}' does not have authorization to perform action '{action}' "
            + $"over scope '{decision.Question.Scope}' or the scope is invalid. {decision.Explanation}",
            decision.Step == AccessStep.Denied ? AccessDiagnostics.DenyAssignment : AccessDiagnostics.ActionNotPermitted);
    }

    public async ValueTask<AccessDecision> DecideAsync(string principalId, string action, string scope, CancellationToken cancellation) => Evaluation.Evaluate(
        new(principalId, await groups.GroupsOfAsync(principalId, cancellation), action, Plane.Action, ArmScope.Normalise(scope)),
        await roles.CurrentAsync(cancellation));
}
