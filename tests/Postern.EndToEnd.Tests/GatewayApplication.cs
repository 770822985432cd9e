using System.Text.Json.Nodes;

namespace Postern.EndToEnd.Tests;

/// <summary>An Entra app of its own for one test, which may read the configuration.</summary>
internal sealed record GatewayApplication(string Id, string ClientId, string ObjectId)
{
    public static async Task<GatewayApplication> RegisterAsync(RunningSystem system, string name)
    {
        var app = (await system.GraphAsync(HttpMethod.Post, "applications", new JsonObject { ["displayName"] = name })).Json;
        var clientId = app["appId"]!.GetValue<string>();
        var principal = (await system.GraphAsync(HttpMethod.Post, "servicePrincipals", new JsonObject { ["appId"] = clientId })).Json;
        var objectId = principal["id"]!.GetValue<string>();
        var roles = (await system.ArmAsync(HttpMethod.Get, $"{system.Group}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName eq 'API Management Gateway Configuration Reader Role'")).Json;
        var assigned = await system.ArmAsync(HttpMethod.Put, $"{system.Service}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}", new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["roleDefinitionId"] = roles["value"]![0]!["id"]!.GetValue<string>(),
                ["principalId"] = objectId,
                ["principalType"] = "ServicePrincipal",
            },
        });
        Assert.Equal(201, assigned.Status);
        return new(app["id"]!.GetValue<string>(), clientId, objectId);
    }
}
