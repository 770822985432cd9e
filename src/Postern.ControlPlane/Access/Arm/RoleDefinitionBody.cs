using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Resources;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>
/// Reads a role definition in any shape that is about: Azure Resource Manager's (<c>properties.roleName</c>, <c>.permissions[]</c>), the
/// published documents as they are (<c>Name</c>, <c>Permissions[].DataActions</c>) and az's flat one (<c>Name</c>, <c>DataActions</c>).
/// Member names are taken without regard to case.
/// </summary>
internal static partial class RoleDefinitionBody
{
    private const int LongestName = 512;
    private const int LongestDescription = 2048;
    private const int MostPermissions = 10;
    private const int MostActions = 2000;
    private const int MostScopes = 2000;

    private static readonly string[] Lists = ["actions", "notActions", "dataActions", "notDataActions"];

    public static (RoleDefinition? Role, ArmError? Error) Read(string name, JsonObject? body)
    {
        var outer = body ?? [];
        var properties = Member(outer, "properties") as JsonObject ?? outer;
        var roleName = Text(properties, "roleName") ?? Text(properties, "name");
        if (roleName is not { Length: > 0 and <= LongestName } || string.IsNullOrWhiteSpace(roleName))
        {
            return Wrong("roleName", $"A role definition needs a roleName (Name) of at most {LongestName} characters.");
        }

        var description = Text(properties, "description") ?? "";
        if (description.Length > LongestDescription)
        {
            return Wrong("description", $"The description must have at most {LongestDescription} characters.");
        }

        var (permissions, problem) = Permissions(properties);
        if (problem is not null)
        {
            return (null, problem);
        }

        var scopes = Texts(Member(properties, "assignableScopes"), MostScopes);
        if (scopes is not { Count: > 0 } || scopes.FirstOrDefault(scope => !IsAssignable(scope)) is not null)
        {
            return Wrong("assignableScopes",
                "A custom role needs assignableScopes: ids of subscriptions, resource groups, resources or management groups. '/' is for built-in roles only.");
        }

        return (new(name, roleName, description, false, permissions!, [.. scopes.Select(ArmScope.Normalise)]), null);
    }

    private static (IReadOnlyList<RolePermission>? Permissions, ArmError? Error) Permissions(JsonObject properties)
    {
        var nested = Member(properties, "permissions");
        if (nested is null)
        {
            return Permission(properties, 0) is { } flat && Lists.Any(list => Member(properties, list) is not null)
                ? ([flat], null)
                : (null, Invalid("permissions", $"A role definition needs permissions. {FlatShape}"));
        }

        // The published documents have a stray, empty NotDataActions beside their Permissions: no harm. One that says something is ambiguous.
        if (Lists.FirstOrDefault(list => Member(properties, list) is JsonArray { Count: > 0 }) is { } stray)
        {
            return (null, Invalid(stray, $"'{stray}' stands both beside and inside 'permissions'; it can't be told which is meant."));
        }

        if (nested is not JsonArray { Count: > 0 and <= MostPermissions } list)
        {
            return (null, Invalid("permissions", $"'permissions' must be a list of 1 to {MostPermissions} objects. {FlatShape}"));
        }

        var permissions = new List<RolePermission>();
        foreach (var item in list)
        {
            var index = permissions.Count;
            if (item is JsonObject entry && !Lists.Any(name => Member(entry, name) is not null))
            {
                return (null, new(400, "InvalidRoleDefinition",
                    $"permissions[{index}] is an empty permission object ({Shown(entry)}): it has no actions, notActions, dataActions or notDataActions, so the role would permit nothing. "
                    + $"az role definition create sends {{}} for a 'Permissions' member with capitalised inner names. {FlatShape}",
                    $"permissions[{index}]", Diagnostic: AccessDiagnostics.EmptyPermission));
            }

            if ((item as JsonObject) is not { } permission || Permission(permission, index) is not { } read)
            {
                return (null, Invalid($"permissions[{index}]",
                    $"permissions[{index}] must hold lists of actions such as 'Microsoft.ApiManagement/service/read', made of letters, digits, '.', '-', '_', '/' and '*'."));
            }

            permissions.Add(read);
        }

        return (permissions, null);
    }

    private const string FlatShape =
        """Use the flat shape: {"Name": "…", "Description": "…", "Actions": [], "NotActions": [], "DataActions": ["…"], "NotDataActions": [], "AssignableScopes": ["/subscriptions/…"]}""";

    private static RolePermission? Permission(JsonObject from, int index)
    {
        var lists = Lists.Select(name => Member(from, name) is { } member ? Texts(member, MostActions) : []).ToArray();
        return lists.All(list => list is not null && list.All(action => ActionShape().IsMatch(action))) && index >= 0
            ? new(lists[0]!, lists[1]!, lists[2]!, lists[3]!)
            : null;
    }

    private static bool IsAssignable(string scope)
    {
        var normal = ArmScope.Normalise(scope);
        return scope.StartsWith('/') && scope.Length <= 2048
            && (normal.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase) || ArmScope.IsManagementGroup(normal));
    }

    private static string Shown(JsonObject entry)
    {
        var text = entry.ToJsonString();
        return text.Length <= 100 ? text : text[..100] + "…";
    }

    private static JsonNode? Member(JsonObject from, string name) =>
        from.TryGetPropertyValue(name, out var exact) ? exact : from.FirstOrDefault(member => string.Equals(member.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    private static string? Text(JsonObject from, string name) => Member(from, name) is { } member && member.GetValueKind() == JsonValueKind.String ? member.GetValue<string>() : null;

    private static IReadOnlyList<string>? Texts(JsonNode? node, int most) =>
        node is JsonArray list && list.Count <= most && list.All(item => item?.GetValueKind() == JsonValueKind.String)
            ? [.. list.Select(item => item!.GetValue<string>())]
            : null;

    private static (RoleDefinition? Role, ArmError? Error) Wrong(string target, string message) => (null, Invalid(target, message));

    private static ArmError Invalid(string target, string message) => new(400, "InvalidRoleDefinition", message, target);

    [GeneratedRegex(@"\A[A-Za-z0-9._*/-]{1,512}\z")]
    private static partial Regex ActionShape();
}
