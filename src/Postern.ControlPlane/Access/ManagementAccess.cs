using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access.EntraTokens;
using Postern.ControlPlane.Access.Rbac;

namespace Postern.ControlPlane.Access;

/// <summary>The management API's door: bearer tokens for its audience, then roles from this control plane's store.</summary>
/// <param name="audiences">Asked at each call, because the own address is known only when the server listens.</param>
internal sealed class ManagementAccess(
    EntraAuthentication authentication, Func<IReadOnlyCollection<string>> audiences, StoredRoles roles, AccessEvaluation evaluation, ILogger logger) : IManagementAccess
{
    public ValueTask<Admission> AuthenticateAsync(string? authorization, CancellationToken cancellation) =>
        authentication.AuthenticateAsync(authorization, audiences(), cancellation);

    public async ValueTask<bool> PermitsAsync(Principal principal, string action, string scope, CancellationToken cancellation) =>
        await evaluation.DecideAsync(principal.ObjectId, action, Plane.Action, scope, await roles.CurrentAsync(cancellation), cancellation) is { Allowed: true };

    public async ValueTask<bool> ReachesAsync(Principal principal, string scope, CancellationToken cancellation) =>
        await evaluation.ReachesAsync(principal.ObjectId, scope, await roles.CurrentAsync(cancellation), cancellation);

    public async ValueTask<AccessRefusal?> AuthorizeAsync(Principal principal, string action, string scope, CancellationToken cancellation, Plane plane)
    {
        var set = await roles.CurrentAsync(cancellation);
        if (await evaluation.DecideAsync(principal.ObjectId, action, plane, scope, set, cancellation) is not { } decision)
        {
            return new(503, "DirectoryUnavailable", "It can't be found out which groups the caller is in: the directory is not reachable.", AccessDiagnostics.GroupsUnreachable);
        }

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
}
