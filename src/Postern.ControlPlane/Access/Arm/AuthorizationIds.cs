using Postern.ControlPlane.Access.Rbac;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>Ids of <c>Microsoft.Authorization</c> resources: <c>{scope}/providers/Microsoft.Authorization/{kind}/{guid}</c>.</summary>
internal static class AuthorizationIds
{
    public const string Namespace = "Microsoft.Authorization";
    public const string RoleDefinitions = Namespace + "/roleDefinitions";
    public const string RoleAssignments = Namespace + "/roleAssignments";
    public const string DenyAssignments = Namespace + "/denyAssignments";

    private const string Provider = "/providers/" + Namespace + "/";

    /// <param name="scope">Normalised.</param>
    public static string Id(string scope, string type, string name) => $"{(scope == ArmScope.Tenant ? "" : scope)}/providers/{type}/{name}";

    /// <summary>The normalised scope that a resource of this namespace is at.</summary>
    public static string ScopeOf(string id)
    {
        var provider = id.LastIndexOf(Provider, StringComparison.OrdinalIgnoreCase);
        return ArmScope.Normalise(provider < 0 ? id : id[..provider]);
    }

    /// <summary>
    /// GUID of the role that a <c>roleDefinitionId</c> names: a full id with or without a scope before it, or the GUID alone.
    /// </summary>
    public static string? RoleNameOf(string? roleDefinitionId)
    {
        if (roleDefinitionId is null)
        {
            return null;
        }

        var slash = roleDefinitionId.LastIndexOf('/');
        return (slash < 0 || roleDefinitionId.AsSpan(0, slash).EndsWith(Provider + "roleDefinitions", StringComparison.OrdinalIgnoreCase))
            && Guid.TryParseExact(roleDefinitionId.AsSpan(slash + 1), "D", out var name)
                ? name.ToString()
                : null;
    }

    /// <summary>
    /// How a role definition's id is shown: built-in ones belong to the tenant, custom ones are shown with the subscription of the scope that
    /// is asked about. Clients compare these ids with those in assignments, so both must be made here.
    /// </summary>
    public static string ShownRoleId(RoleDefinition role, string scope) =>
        $"{(role.BuiltIn ? "" : SubscriptionOf(scope))}/providers/{RoleDefinitions}/{role.Name}";

    /// <summary>The subscription that a scope is in, as <c>/subscriptions/{id}</c>; empty for the tenant and management groups.</summary>
    public static string SubscriptionOf(string scope)
    {
        var segments = scope.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return segments.Length >= 2 && string.Equals(segments[0], "subscriptions", StringComparison.OrdinalIgnoreCase) ? $"/subscriptions/{segments[1]}" : "";
    }
}
