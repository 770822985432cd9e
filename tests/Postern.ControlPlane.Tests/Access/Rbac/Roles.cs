using Postern.ControlPlane.Access.Rbac;

namespace Postern.ControlPlane.Tests.Access.Rbac;

/// <summary>Short ways to say who has which role where.</summary>
internal static class Roles
{
    public const string Subscription = "/subscriptions/5ee5e1e8-0000-4000-8000-000000000001";
    public const string Group = Subscription + "/resourceGroups/contoso-rg";
    public const string Service = Group + "/providers/Microsoft.ApiManagement/service/contoso";
    public const string Gateway = Service + "/gateways/on-prem";
    public const string GetConfiguration = "Microsoft.ApiManagement/service/gateways/getConfiguration/action";
    public const string Caller = "11111111-2222-4333-8444-555555555555";

    public static RoleDefinition Role(
        string name, string[]? actions = null, string[]? notActions = null, string[]? dataActions = null, string[]? notDataActions = null) =>
        new(name, name, "", false, [new(actions ?? [], notActions ?? [], dataActions ?? [], notDataActions ?? [])], ["/"]);

    public static RoleAssignment Assign(string role, string scope, string principal = Caller, string? condition = null) =>
        new($"{scope}/providers/Microsoft.Authorization/roleAssignments/{role}", ArmScope.Normalise(scope), role, principal, condition);

    public static RoleSet Set(IEnumerable<RoleDefinition> roles, IEnumerable<RoleAssignment> assignments, params DenyAssignment[] denies) =>
        new(roles.ToDictionary(role => role.Name, StringComparer.OrdinalIgnoreCase), [.. assignments], denies, []);

    public static AccessQuestion MayReadConfiguration(string scope = Gateway, params string[] groups) =>
        new(Caller, groups, GetConfiguration, Plane.DataAction, scope);

    public static AccessQuestion May(string action, string scope = Service, params string[] groups) => new(Caller, groups, action, Plane.Action, scope);

    public static DenyAssignment Deny(
        string scope, RolePermission permission, string[] principals, string[]? exclude = null, bool doNotApplyToChildScopes = false) =>
        new($"{scope}/providers/Microsoft.Authorization/denyAssignments/d", "d", ArmScope.Normalise(scope), [permission], doNotApplyToChildScopes, principals, exclude ?? []);
}
