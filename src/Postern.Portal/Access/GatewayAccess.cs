using Postern.Portal.Management;

namespace Postern.Portal.Access;

/// <summary>
/// What has to be in place for gateways that sign in with Entra ID, read off the assignments that hold at the service. Memberships of
/// groups and conditions are not looked into: the control plane decides, this tells where to look.
/// </summary>
/// <param name="Identity">The service's system-assigned identity.</param>
/// <param name="MissingReads">What that identity may not read, of the role data by which gateways are judged.</param>
/// <param name="Readers">Principals that may fetch configuration.</param>
public sealed record GatewayAccess(string? Identity, IReadOnlyList<string> MissingReads, IReadOnlyList<string> Readers)
{
    private const string GetConfiguration = "Microsoft.ApiManagement/service/gateways/getConfiguration/action";

    private static readonly string[] RoleReads =
    [
        "Microsoft.Authorization/roleAssignments/read",
        "Microsoft.Authorization/roleDefinitions/read",
        "Microsoft.Authorization/denyAssignments/read",
    ];

    internal static GatewayAccess Of(string? identity, IReadOnlyList<RoleAssignmentContract> assignments, Func<string, RoleDefinitionPropertiesContract?> role)
    {
        var held = assignments.Select(assignment => (assignment.Properties.PrincipalId, Permissions: role(assignment.Properties.RoleDefinitionId)?.Permissions ?? [])).ToList();
        return new(
            identity,
            [.. RoleReads.Where(read => !held.Any(one => Same(one.PrincipalId, identity) && one.Permissions.Any(permission => ActionPattern.Grants(permission.Actions, permission.NotActions, read))))],
            [.. held.Where(one => one.Permissions.Any(permission => ActionPattern.Grants(permission.DataActions, permission.NotDataActions, GetConfiguration)))
                .Select(one => one.PrincipalId).Distinct(StringComparer.OrdinalIgnoreCase)]);
    }

    private static bool Same(string principal, string? identity) => principal.Equals(identity, StringComparison.OrdinalIgnoreCase);
}
