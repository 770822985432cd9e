using Postern.ControlPlane.Access.Groups;
using Postern.ControlPlane.Access.Rbac;
using Evaluation = Postern.ControlPlane.Access.Rbac.Rbac;

namespace Postern.ControlPlane.Access;

/// <summary>Finds out the groups that a question needs, and decides it.</summary>
internal sealed class AccessEvaluation(IGroupMembership groups)
{
    /// <param name="scope">In any form that <see cref="ArmScope.Normalise"/> takes.</param>
    /// <returns>Null when the caller's groups matter and can't be found out.</returns>
    public async ValueTask<AccessDecision?> DecideAsync(
        string principalId, string operation, Plane plane, string scope, RoleSet roles, CancellationToken cancellation)
    {
        // Where roles are given only to service principals by themselves, the directory need not be asked at every call, nor be there.
        var memberOf = roles.NamesGroups ? await groups.GroupsOfAsync(principalId, cancellation) : [];
        return memberOf is null ? null : Evaluation.Evaluate(new(principalId, memberOf, operation, plane, ArmScope.Normalise(scope)), roles);
    }

    /// <returns>True when an assignment to the principal, or to a group that it is known to be in, is at, above or below the scope.</returns>
    public async ValueTask<bool> ReachesAsync(string principalId, string scope, RoleSet roles, CancellationToken cancellation)
    {
        IReadOnlyCollection<string> memberOf = roles.NamesGroups ? await groups.GroupsOfAsync(principalId, cancellation) ?? [] : [];
        var target = ArmScope.Normalise(scope);
        return roles.Assignments.Any(assignment =>
            (ArmScope.Includes(assignment.Scope, target) || ArmScope.Includes(target, assignment.Scope)
                || roles.ManagementGroups.Contains(assignment.Scope, StringComparer.OrdinalIgnoreCase))
            && (ArmScope.Same(assignment.PrincipalId, principalId) || memberOf.Contains(assignment.PrincipalId, StringComparer.OrdinalIgnoreCase)));
    }
}
