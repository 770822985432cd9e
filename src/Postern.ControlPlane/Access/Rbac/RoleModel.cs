namespace Postern.ControlPlane.Access.Rbac;

/// <summary>Actions are what management calls do, data actions what callers do with data. Neither pattern reaches into the other plane.</summary>
internal enum Plane
{
    Action,
    DataAction,
}

internal sealed record RolePermission(
    IReadOnlyList<string> Actions,
    IReadOnlyList<string> NotActions,
    IReadOnlyList<string> DataActions,
    IReadOnlyList<string> NotDataActions)
{
    public IReadOnlyList<string> Granted(Plane plane) => plane == Plane.Action ? Actions : DataActions;

    public IReadOnlyList<string> Excluded(Plane plane) => plane == Plane.Action ? NotActions : NotDataActions;
}

/// <param name="Name">GUID; unique in the tenant, so that assignments may name it with or without a subscription before it.</param>
/// <param name="RoleName">What people call it.</param>
internal sealed record RoleDefinition(
    string Name,
    string RoleName,
    string Description,
    bool BuiltIn,
    IReadOnlyList<RolePermission> Permissions,
    IReadOnlyList<string> AssignableScopes);

/// <param name="Scope">Normalised by <see cref="ArmScope.Normalise"/>.</param>
/// <param name="RoleName">GUID of the role definition.</param>
/// <param name="Condition">Null when unconditional.</param>
/// <param name="PrincipalType">As the assignment says, <c>User</c> where a client did not know better.</param>
internal sealed record RoleAssignment(
    string Id, string Scope, string RoleName, string PrincipalId, string? Condition = null, string PrincipalType = "User");

/// <param name="Scope">Normalised by <see cref="ArmScope.Normalise"/>.</param>
/// <param name="Principals">Object ids; <see cref="Rbac.Everyone"/> stands for all.</param>
internal sealed record DenyAssignment(
    string Id,
    string DisplayName,
    string Scope,
    IReadOnlyList<RolePermission> Permissions,
    bool DoNotApplyToChildScopes,
    IReadOnlyList<string> Principals,
    IReadOnlyList<string> ExcludePrincipals);

/// <summary>Everything a decision rests on.</summary>
/// <param name="Roles">Definitions by GUID, without regard to case.</param>
/// <param name="ManagementGroups">Normalised ids of the management groups above every scope that is asked about.</param>
internal sealed record RoleSet(
    IReadOnlyDictionary<string, RoleDefinition> Roles,
    IReadOnlyList<RoleAssignment> Assignments,
    IReadOnlyList<DenyAssignment> Denies,
    IReadOnlyList<string> ManagementGroups)
{
    /// <summary>False when no assignment can be to a group, so that nobody's groups matter.</summary>
    public bool NamesGroups =>
        Assignments.Any(assignment => !string.Equals(assignment.PrincipalType, "ServicePrincipal", StringComparison.OrdinalIgnoreCase))
        || Denies.Any(deny => deny.Principals.Concat(deny.ExcludePrincipals).Any(id => id != Rbac.Everyone));
}

/// <param name="PrincipalId">Object id of the caller.</param>
/// <param name="Groups">Object ids of all groups that the caller is in, however deep.</param>
/// <param name="Scope">Normalised by <see cref="ArmScope.Normalise"/>.</param>
internal sealed record AccessQuestion(string PrincipalId, IReadOnlyCollection<string> Groups, string Operation, Plane Plane, string Scope);
