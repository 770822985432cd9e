using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Resources;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>
/// Reads permissions: a list of permission objects, or az's flat shape with the four lists beside the other members. A client that drops
/// names it doesn't know sends empty objects; such a role would permit nothing, and nobody would notice why.
/// </summary>
internal static partial class RolePermissions
{
    private const int MostPermissions = 10;
    private const int MostActions = 2000;

    private static readonly string[] Lists = ["actions", "notActions", "dataActions", "notDataActions"];

    public static (IReadOnlyList<RolePermission>? Permissions, ArmError? Error) Read(JsonObject properties)
    {
        var nested = BodyMembers.Member(properties, "permissions");
        if (nested is null)
        {
            return Permission(properties) is { } flat && Lists.Any(list => BodyMembers.Member(properties, list) is not null)
                ? ([flat], null)
                : (null, Invalid("permissions", $"A role definition needs permissions. {FlatShape}"));
        }

        // The published documents have a stray, empty NotDataActions beside their Permissions: no harm. One that says something is ambiguous.
        if (Lists.FirstOrDefault(list => BodyMembers.Member(properties, list) is JsonArray { Count: > 0 }) is { } stray)
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
            if (item is JsonObject entry && !Lists.Any(name => BodyMembers.Member(entry, name) is not null))
            {
                return (null, new(400, "InvalidRoleDefinition",
                    $"permissions[{index}] is an empty permission object ({Shown(entry)}): it has no actions, notActions, dataActions or notDataActions, so the role would permit nothing. "
                    + $"az role definition create sends {{}} for a 'Permissions' member with capitalised inner names. {FlatShape}",
                    $"permissions[{index}]", Diagnostic: AccessDiagnostics.EmptyPermission));
            }

            if ((item as JsonObject) is not { } permission || Permission(permission) is not { } read)
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

    private static RolePermission? Permission(JsonObject from)
    {
        var lists = Lists.Select(name => BodyMembers.Member(from, name) is { } member ? BodyMembers.Texts(member, MostActions) : []).ToArray();
        return lists.All(list => list is not null && list.All(action => ActionShape().IsMatch(action)))
            ? new(lists[0]!, lists[1]!, lists[2]!, lists[3]!)
            : null;
    }

    private static string Shown(JsonObject entry)
    {
        var text = entry.ToJsonString();
        return text.Length <= 100 ? text : text[..100] + "…";
    }

    private static ArmError Invalid(string target, string message) => new(400, "InvalidRoleDefinition", message, target);

    [GeneratedRegex(@"\A[A-Za-z0-9._*/-]{1,512}\z")]
    private static partial Regex ActionShape();
}
