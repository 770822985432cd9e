namespace Postern.ControlPlane.Access.Rbac;

/// <summary>
/// Decides whether a principal may do something at a scope. Pure: the same question over the same roles has the same answer.
/// Order: deny assignments first, then any one role assignment that grants; there is no order among roles.
/// </summary>
internal static class Rbac
{
    /// <summary>The principal id that means everyone in a deny assignment.</summary>
    public const string Everyone = "00000000-0000-0000-0000-000000000000";

    public static AccessDecision Evaluate(AccessQuestion question, RoleSet roles)
    {
        foreach (var deny in roles.Denies)
        {
            if (Forbids(deny, question, roles))
            {
                return new(question, AccessStep.Denied, Deny: deny);
            }
        }

        AccessDecision nearest = new(question, AccessStep.NoAssignment);
        foreach (var assignment in roles.Assignments)
        {
            if (!IsCaller(assignment.PrincipalId, question))
            {
                continue;
            }

            var decision = Judge(assignment, question, roles);
            if (decision.Allowed)
            {
                return decision;
            }

            if (Nearness(decision.Step) > Nearness(nearest.Step))
            {
                nearest = decision;
            }
        }

        return nearest;
    }

    private static AccessDecision Judge(RoleAssignment assignment, AccessQuestion question, RoleSet roles)
    {
        var inScope = IsAtOrAbove(assignment.Scope, question, roles);
        if (!roles.Roles.TryGetValue(assignment.RoleName, out var role))
        {
            return new(question, inScope ? AccessStep.RoleMissing : AccessStep.NoAssignment, assignment);
        }

        var (step, pattern) = Permits(role, question);
        if (!inScope)
        {
            step = step == AccessStep.Granted ? AccessStep.AssignedElsewhere : AccessStep.NoAssignment;
        }
        else if (step == AccessStep.Granted && assignment.Condition is { } condition && !AssignmentCondition.Holds(condition))
        {
            step = AccessStep.ConditionNotMet;
        }

        return new(question, step, assignment, role, Pattern: pattern);
    }

    /// <summary>NotActions are subtracted from the whole role, also when it has several permission objects; never from another role.</summary>
    private static (AccessStep Step, string? Pattern) Permits(RoleDefinition role, AccessQuestion question)
    {
        string? granted = null, excluded = null, otherPlane = null;
        var other = question.Plane == Plane.Action ? Plane.DataAction : Plane.Action;
        foreach (var permission in role.Permissions)
        {
            granted ??= ActionPattern.FirstMatch(permission.Granted(question.Plane), question.Operation);
            excluded ??= ActionPattern.FirstMatch(permission.Excluded(question.Plane), question.Operation);
            otherPlane ??= ActionPattern.FirstMatch(permission.Granted(other), question.Operation);
        }

        return (granted, excluded, otherPlane) switch
        {
            (not null, null, _) => (AccessStep.Granted, granted),
            (not null, not null, _) => (AccessStep.Excluded, excluded),
            (null, _, not null) => (AccessStep.OtherPlane, otherPlane),
            _ => (AccessStep.NotInRoles, null),
        };
    }

    /// <summary>
    /// Unlike in a role, a NotAction here counts only within its own permission object: whichever reading denies more is the safe one.
    /// </summary>
    private static bool Forbids(DenyAssignment deny, AccessQuestion question, RoleSet roles) =>
        (deny.DoNotApplyToChildScopes ? ArmScope.Same(deny.Scope, question.Scope) : IsAtOrAbove(deny.Scope, question, roles))
        && deny.Principals.Any(id => id == Everyone || IsCaller(id, question))
        && !deny.ExcludePrincipals.Any(id => IsCaller(id, question))
        && deny.Permissions.Any(permission =>
            ActionPattern.FirstMatch(permission.Granted(question.Plane), question.Operation) is not null
            && ActionPattern.FirstMatch(permission.Excluded(question.Plane), question.Operation) is null);

    private static bool IsAtOrAbove(string scope, AccessQuestion question, RoleSet roles) =>
        ArmScope.Includes(scope, question.Scope)
        || (ArmScope.IsManagementGroup(scope) && roles.ManagementGroups.Contains(scope, StringComparer.OrdinalIgnoreCase));

    private static bool IsCaller(string id, AccessQuestion question) =>
        string.Equals(id, question.PrincipalId, StringComparison.OrdinalIgnoreCase)
        || (question.Groups.Count > 0 && question.Groups.Contains(id, StringComparer.OrdinalIgnoreCase));

    /// <summary>Which of several refusals says most about what to mend.</summary>
    private static int Nearness(AccessStep step) => step switch
    {
        AccessStep.ConditionNotMet => 6,
        AccessStep.Excluded => 5,
        AccessStep.OtherPlane => 4,
        AccessStep.AssignedElsewhere => 3,
        AccessStep.RoleMissing => 2,
        AccessStep.NotInRoles => 1,
        _ => 0,
    };
}
