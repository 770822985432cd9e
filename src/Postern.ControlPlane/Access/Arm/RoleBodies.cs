using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>
/// Role data as JSON bodies in Azure Resource Manager's shape, in the store and in a remote source's answers, and as the values that
/// decisions are made with. What isn't there counts as empty; of a deny assignment, as wide as can be.
/// </summary>
internal static class RoleBodies
{
    public static RoleDefinition Definition(string name, JsonNode body)
    {
        var properties = body["properties"];
        return new(
            name.ToLowerInvariant(),
            Text(properties?["roleName"]) ?? name,
            Text(properties?["description"]) ?? "",
            string.Equals(Text(properties?["type"]), "BuiltInRole", StringComparison.OrdinalIgnoreCase),
            Permissions(properties?["permissions"]),
            [.. Texts(properties?["assignableScopes"]).Select(ArmScope.Normalise)]);
    }

    /// <summary>Null when it names no role or principal: it can grant nothing then.</summary>
    public static RoleAssignment? Assignment(string id, JsonNode body)
    {
        var properties = body["properties"];
        return AuthorizationIds.RoleNameOf(Text(properties?["roleDefinitionId"])) is { } role && Text(properties?["principalId"]) is { } principal
            ? new(id, AuthorizationIds.ScopeOf(id), role, principal, Text(properties?["condition"]), Text(properties?["principalType"]) ?? "User")
            : null;
    }

    public static DenyAssignment Deny(string id, JsonNode body)
    {
        var properties = body["properties"];
        return new(
            id,
            Text(properties?["denyAssignmentName"]) ?? id,
            AuthorizationIds.ScopeOf(id),
            Permissions(properties?["permissions"]),
            properties?["doNotApplyToChildScopes"] is JsonValue value && value.TryGetValue<bool>(out var own) && own,
            Ids(properties?["principals"]),
            Ids(properties?["excludePrincipals"]));
    }

    public static JsonNode Body(ResourceRow row) => JsonNode.Parse(row.Body)!;

    public static JsonObject Permission(RolePermission permission) => new()
    {
        ["actions"] = List(permission.Actions),
        ["notActions"] = List(permission.NotActions),
        ["dataActions"] = List(permission.DataActions),
        ["notDataActions"] = List(permission.NotDataActions),
    };

    public static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];

    private static IReadOnlyList<RolePermission> Permissions(JsonNode? list) =>
        [.. (list as JsonArray ?? []).OfType<JsonObject>().Select(permission => new RolePermission(
            Texts(permission["actions"]), Texts(permission["notActions"]), Texts(permission["dataActions"]), Texts(permission["notDataActions"])))];

    private static IReadOnlyList<string> Ids(JsonNode? principals) =>
        [.. (principals as JsonArray ?? []).OfType<JsonObject>().Select(principal => Text(principal["id"])).OfType<string>()];

    private static IReadOnlyList<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(Text).OfType<string>()];

    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
