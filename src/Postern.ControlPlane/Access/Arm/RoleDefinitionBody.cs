using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Resources;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>
/// Reads a role definition in any shape that is about: Azure Resource Manager's (<c>properties.roleName</c>, <c>.permissions[]</c>), the
/// published documents as they are (<c>Name</c>, <c>Permissions[].DataActions</c>) and az's flat one (<c>Name</c>, <c>DataActions</c>).
/// Member names are taken without regard to case.
/// </summary>
internal static class RoleDefinitionBody
{
    private const int LongestName = 512;
    private const int LongestDescription = 2048;
    private const int MostScopes = 2000;

    public static (RoleDefinition? Role, ArmError? Error) Read(string name, JsonObject? body)
    {
        var outer = body ?? [];
        var properties = BodyMembers.Member(outer, "properties") as JsonObject ?? outer;
        var roleName = BodyMembers.Text(properties, "roleName") ?? BodyMembers.Text(properties, "name");
        if (roleName is not { Length: > 0 and <= LongestName } || string.IsNullOrWhiteSpace(roleName))
        {
            return Wrong("roleName", $"A role definition needs a roleName (Name) of at most {LongestName} characters.");
        }

        var description = BodyMembers.Text(properties, "description") ?? "";
        if (description.Length > LongestDescription)
        {
            return Wrong("description", $"The description must have at most {LongestDescription} characters.");
        }

        var (permissions, problem) = RolePermissions.Read(properties);
        if (problem is not null)
        {
            return (null, problem);
        }

        var scopes = BodyMembers.Texts(BodyMembers.Member(properties, "assignableScopes"), MostScopes);
        if (scopes is not { Count: > 0 } || scopes.FirstOrDefault(scope => !IsAssignable(scope)) is not null)
        {
            return Wrong("assignableScopes",
                "A custom role needs assignableScopes: ids of subscriptions, resource groups, resources or management groups. '/' is for built-in roles only.");
        }

        return (new(name, roleName, description, false, permissions!, [.. scopes.Select(ArmScope.Normalise)]), null);
    }

    private static bool IsAssignable(string scope)
    {
        var normal = ArmScope.Normalise(scope);
        return scope.StartsWith('/') && scope.Length <= 2048
            && (normal.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase) || ArmScope.IsManagementGroup(normal));
    }

    private static (RoleDefinition? Role, ArmError? Error) Wrong(string target, string message) => (null, new(400, "InvalidRoleDefinition", message, target));
}
