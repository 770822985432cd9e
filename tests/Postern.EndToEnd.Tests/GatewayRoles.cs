using System.Text.Json.Nodes;

namespace Postern.EndToEnd.Tests;

/// <summary>The two roles that a gateway's configuration takes, and who has them in a system that <c>postern up</c> made.</summary>
/// <param name="Identity">Object id of the service's identity.</param>
/// <param name="ValidatorAssignment">The identity's, at the group.</param>
/// <param name="App">Object id of the gateway's application.</param>
/// <param name="ReaderAssignment">The application's, at the service.</param>
internal sealed record GatewayRoles(JsonNode Validator, string Identity, JsonNode ValidatorAssignment, JsonNode Reader, string App, JsonNode ReaderAssignment)
{
    public static async Task<GatewayRoles> OfAsync(RunningSystem system)
    {
        var roles = (await system.ArmAsync(HttpMethod.Get, $"{system.Group}/providers/Microsoft.Authorization/roleDefinitions?$filter=type eq 'CustomRole'")).Json["value"]!.AsArray();
        var validator = Role(roles, "API Management Configuration API Access Validator Service Role");
        var reader = Role(roles, "API Management Gateway Configuration Reader Role");
        var identity = (await system.ArmAsync(HttpMethod.Get, system.Service)).Json["identity"]!["principalId"]!.GetValue<string>();
        var app = (await system.GraphAsync(HttpMethod.Get, $"servicePrincipals?$filter=appId eq '{system["GATEWAY_CLIENT_ID"]}'")).Json["value"]![0]!["id"]!.GetValue<string>();
        return new(
            validator, identity, await AssignmentAsync(system, system.Group, validator, identity),
            reader, app, await AssignmentAsync(system, system.Service, reader, app));
    }

    private static async Task<JsonNode> AssignmentAsync(RunningSystem system, string scope, JsonNode role, string principal)
    {
        var all = (await system.ArmAsync(HttpMethod.Get, $"{scope}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()")).Json["value"]!.AsArray();
        return Assert.Single(all, assignment =>
            SameId(assignment!["properties"]!["roleDefinitionId"]!, role["id"]!) && assignment["properties"]!["principalId"]!.GetValue<string>() == principal)!;
    }

    private static JsonNode Role(JsonArray roles, string name) => Assert.Single(roles, role => role!["properties"]!["roleName"]!.GetValue<string>() == name)!;

    private static bool SameId(JsonNode one, JsonNode other) => string.Equals(one.GetValue<string>(), other.GetValue<string>(), StringComparison.OrdinalIgnoreCase);
}
