using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Resources;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>Reads a deny assignment as it is written here. One that denies nothing, or to nobody, is a mistake.</summary>
internal static class DenyAssignmentBody
{
    private const int LongestName = 256;
    private const int LongestDescription = 1024;
    private const int MostPrincipals = 500;

    /// <returns>The <c>properties</c> to store.</returns>
    public static (JsonObject? Properties, ArmError? Error) Read(JsonObject? body)
    {
        if (body?["properties"] is not JsonObject properties)
        {
            return Wrong("properties", "The request needs 'properties' with denyAssignmentName, permissions and principals.");
        }

        if (RoleBodies.Text(properties["denyAssignmentName"]) is not { Length: > 0 and <= LongestName } name)
        {
            return Wrong("denyAssignmentName", $"denyAssignmentName must have 1 to {LongestName} characters.");
        }

        var description = RoleBodies.Text(properties["description"]);
        if (description?.Length > LongestDescription)
        {
            return Wrong("description", $"The description must have at most {LongestDescription} characters.");
        }

        var (permissions, problem) = RolePermissions.Read(properties);
        if (problem is not null)
        {
            return (null, problem);
        }

        if (permissions!.All(permission => permission.Actions.Count == 0 && permission.DataActions.Count == 0))
        {
            return Wrong("permissions", "A deny assignment needs actions or dataActions to deny.");
        }

        if (Principals(properties["principals"]) is not { Count: > 0 } principals)
        {
            return Wrong("principals", $"principals must be a list of 1 to {MostPrincipals} objects with an id; {Rbac.Rbac.Everyone} with type SystemDefined means everyone.");
        }

        if (Principals(properties["excludePrincipals"] ?? new JsonArray()) is not { } excluded)
        {
            return Wrong("excludePrincipals", $"excludePrincipals must be a list of at most {MostPrincipals} objects with an id.");
        }

        var own = properties["doNotApplyToChildScopes"];
        if (own is not null && own.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
        {
            return Wrong("doNotApplyToChildScopes", "doNotApplyToChildScopes must be true or false.");
        }

        return (new()
        {
            ["denyAssignmentName"] = name,
            ["description"] = description,
            ["permissions"] = new JsonArray([.. permissions!.Select(RoleBodies.Permission)]),
            ["doNotApplyToChildScopes"] = own?.GetValue<bool>() ?? false,
            ["principals"] = new JsonArray([.. principals]),
            ["excludePrincipals"] = new JsonArray([.. excluded]),
            ["isSystemProtected"] = false,
        }, null);
    }

    private static IReadOnlyList<JsonObject>? Principals(JsonNode? node)
    {
        if (node is not JsonArray { Count: <= MostPrincipals } list)
        {
            return null;
        }

        var principals = new List<JsonObject>();
        foreach (var item in list)
        {
            if (item is not JsonObject principal || !Guid.TryParseExact(RoleBodies.Text(principal["id"]), "D", out var id))
            {
                return null;
            }

            principals.Add(new() { ["id"] = id.ToString(), ["type"] = RoleBodies.Text(principal["type"]) ?? (id == Guid.Empty ? "SystemDefined" : "ServicePrincipal") });
        }

        return principals;
    }

    private static (JsonObject? Properties, ArmError? Error) Wrong(string target, string message) => (null, new(400, "InvalidDenyAssignment", message, target));
}
