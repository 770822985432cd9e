using System.Text.Json.Nodes;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>What <c>az apim</c> has no command for: gateways and policies, by <c>az rest</c> and <c>az resource</c>.</summary>
public sealed class AzureCliResourceTests(RunningSystem system)
{
    [Fact]
    public async Task Rest_makes_a_gateway_with_keys_a_token_an_api_and_a_policy()
    {
        using var az = await system.Cli.ReadyAsync();
        var gateway = $"{system.Service}/gateways/az-gateway";
        await RestAsync(az, "put", gateway, """{"properties":{"description":"by rest","locationData":{"name":"here"}}}""");
        var keys = await RestAsync(az, "post", $"{gateway}/listKeys");
        Assert.Equal(64, Convert.FromBase64String(keys["primary"]!.GetValue<string>()).Length);

        var expiry = TimeProvider.System.GetUtcNow().AddDays(7).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        var token = (await RestAsync(az, "post", $"{gateway}/generateToken", $$"""{"keyType":"primary","expiry":"{{expiry}}"}"""))["value"]!.GetValue<string>();
        Assert.Equal(200, await SnapshotAsync(token));
        Assert.Equal("orders", (await RestAsync(az, "put", $"{gateway}/apis/orders", "{}"))["name"]!.GetValue<string>());
        Assert.Single((await RestAsync(az, "get", $"{gateway}/apis"))["value"]!.AsArray());

        await RestAsync(az, "put", $"{system.Service}/apis/az-rest", """{"properties":{"path":"az-rest","displayName":"az-rest","protocols":["https"]}}""");
        var policy = "<policies><inbound><base /><set-variable name=\"a\" value=\"@(1 + 1)\" /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>";
        var body = new JsonObject { ["properties"] = new JsonObject { ["format"] = "rawxml", ["value"] = policy } }.ToJsonString();
        var saved = await RestAsync(az, "put", $"{system.Service}/apis/az-rest/policies/policy", body);
        Assert.Contains("@(1 + 1)", saved["properties"]!["value"]!.GetValue<string>(), StringComparison.Ordinal);
        var refusal = await az.RefusedAsync("rest --method put --url", $"{system.Service}/apis/az-rest/policies/policy?api-version=2024-05-01", "--body", body.Replace("set-variable", "no-such-policy", StringComparison.Ordinal));
        Assert.Contains("no-such-policy", refusal, StringComparison.Ordinal);

        await RestAsync(az, "post", $"{gateway}/regenerateKey", """{"keyType":"primary"}""");
        Assert.Equal(401, await SnapshotAsync(token));
        await RestAsync(az, "delete", $"{system.Service}/apis/az-rest", headers: "If-Match=*");
        await RestAsync(az, "delete", gateway, headers: "If-Match=*");
    }

    [Fact]
    public async Task Resource_shows_lists_makes_and_deletes_without_being_told_a_version()
    {
        using var az = await system.Cli.ReadyAsync();
        var listed = await az.RunAsync($"resource list -g {system["RESOURCE_GROUP"]}");
        Assert.Equal(system.Service, Assert.Single(listed.AsArray())!["id"]!.GetValue<string>());
        var shown = await az.RunAsync($"resource show -g {system["RESOURCE_GROUP"]} -n {system["SERVICE_NAME"]} --resource-type Microsoft.ApiManagement/service");
        Assert.Equal(system.Service, shown["id"]!.GetValue<string>());

        var made = await az.RunAsync("resource create --id", $"{system.Service}/gateways/az-resource", "--properties", """{"description":"generic","locationData":{"name":"here"}}""");
        Assert.Equal("generic", made["properties"]!["description"]!.GetValue<string>());
        var keys = await az.RunAsync("resource invoke-action --action listKeys --ids", made["id"]!.GetValue<string>());
        Assert.NotNull(keys["primary"]);
        var child = await az.RunAsync($"resource show -g {system["RESOURCE_GROUP"]} --namespace Microsoft.ApiManagement --parent service/{system["SERVICE_NAME"]} --resource-type gateways -n az-resource");
        Assert.Equal(made["id"]!.GetValue<string>(), child["id"]!.GetValue<string>());
        await az.RunAsync("resource delete --ids", made["id"]!.GetValue<string>());
        Assert.Contains("ResourceNotFound", await az.RefusedAsync("resource show --ids", made["id"]!.GetValue<string>()), StringComparison.Ordinal);
    }

    private static Task<JsonNode> RestAsync(AzureCli az, string method, string id, string? body = null, string? headers = null) => az.RunAsync(
        $"rest --method {method} --url {id}?api-version=2024-05-01", [.. body is null ? [] : (string[])["--body", body], .. headers is null ? [] : (string[])["--headers", headers]]);

    private async Task<int> SnapshotAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{system["CONFIGURATION_ENDPOINT"]}/gateways/az-gateway/snapshot");
        request.Headers.TryAddWithoutValidation("Authorization", $"GatewayKey {token}");
        using var response = await system.Http.SendAsync(request);
        return (int)response.StatusCode;
    }
}
