using System.Text.Json.Nodes;

namespace Postern.Up;

/// <summary>
/// What an operator does once, in the order of the product's documentation: a service with its managed identity, two custom roles, an
/// Entra app for the gateway, a gateway resource, and an API with policies. Every step is a call to a public API, and may be repeated.
/// </summary>
internal sealed class Scenario(ManagementClient client, string subscriptionId, Uri backend)
{
    public const string ResourceGroup = "contoso-rg";
    public const string ServiceName = "contoso";
    public const string Gateway = "edge";

    private string Subscription => $"/subscriptions/{subscriptionId}";

    private string Group => $"{Subscription}/resourceGroups/{ResourceGroup}";

    public string Service => $"{Group}/providers/Microsoft.ApiManagement/service/{ServiceName}";

    /// <returns>The gateway's Entra app with its new secret.</returns>
    public async Task<UpApplication> ProvisionAsync(CancellationToken cancellation)
    {
        var identity = await CreateServiceAsync(cancellation);
        var validator = await CreateRoleAsync("configuration-api-access-validator", cancellation);
        var reader = await CreateRoleAsync("gateway-configuration-reader", cancellation);
        await AssignAsync(Group, validator, identity, cancellation);
        var app = await RegisterAppAsync("contoso-gateway", cancellation);
        await AssignAsync(Service, reader, app.ObjectId, cancellation);
        await CreateGatewayAsync(cancellation);
        await ImportApiAsync(cancellation);
        await CreateProductAsync(cancellation);
        await SetPoliciesAsync(cancellation);
        return app;
    }

    /// <summary>The sample's backend may listen elsewhere at the next start.</summary>
    public Task PointBackendAsync(CancellationToken cancellation) => client.PutAsync(
        $"{Service}/backends/orders", Properties(new() { ["url"] = $"{backend}v1", ["protocol"] = "http", ["description"] = "The sample's backend" }), cancellation);

    public async Task<string> SubscriptionKeyAsync(CancellationToken cancellation)
    {
        var secrets = await client.PostAsync($"{Service}/subscriptions/sample/listSecrets", null, cancellation);
        return secrets["primaryKey"]!.GetValue<string>();
    }

    private async Task<string> CreateServiceAsync(CancellationToken cancellation)
    {
        await client.PutAsync(Group, new JsonObject { ["location"] = "local" }, cancellation);
        var service = await client.PutAsync(Service, new JsonObject
        {
            ["location"] = "local",
            ["sku"] = new JsonObject { ["name"] = "Premium", ["capacity"] = 1 },
            ["identity"] = new JsonObject { ["type"] = "SystemAssigned" },
            ["properties"] = new JsonObject { ["publisherEmail"] = "api@contoso.example", ["publisherName"] = "Contoso" },
        }, cancellation);
        return service["identity"]!["principalId"]!.GetValue<string>();
    }

    /// <summary>The document goes out as it is published, but for the subscription's id.</summary>
    private async Task<string> CreateRoleAsync(string file, CancellationToken cancellation)
    {
        var document = Sample.Read($"roles/{file}.json").Replace("{subscriptionID}", subscriptionId, StringComparison.Ordinal);
        var id = $"{Subscription}/providers/Microsoft.Authorization/roleDefinitions/{StableGuid.Of(Subscription, file)}";
        var made = await client.PutAsync(id, JsonNode.Parse(document), cancellation);
        return made["id"]!.GetValue<string>();
    }

    private Task AssignAsync(string scope, string role, string principal, CancellationToken cancellation) => client.PutAsync(
        $"{scope}/providers/Microsoft.Authorization/roleAssignments/{StableGuid.Of(scope, role, principal)}",
        Properties(new() { ["roleDefinitionId"] = role, ["principalId"] = principal, ["principalType"] = "ServicePrincipal" }), cancellation);

    private async Task<UpApplication> RegisterAppAsync(string name, CancellationToken cancellation)
    {
        var app = await client.GraphAsync(HttpMethod.Post, "applications", new JsonObject { ["displayName"] = name }, cancellation);
        var clientId = app["appId"]!.GetValue<string>();
        var principal = await client.GraphAsync(HttpMethod.Post, "servicePrincipals", new JsonObject { ["appId"] = clientId }, cancellation);
        var secret = await client.GraphAsync(HttpMethod.Post, $"applications/{app["id"]}/addPassword",
            new JsonObject { ["passwordCredential"] = new JsonObject { ["displayName"] = "gateway" } }, cancellation);
        return new(name, clientId, principal["id"]!.GetValue<string>(), secret["secretText"]!.GetValue<string>());
    }

    private Task CreateGatewayAsync(CancellationToken cancellation) => client.PutAsync($"{Service}/gateways/{Gateway}", Properties(new()
    {
        ["description"] = "The gateway that 'postern up' runs",
        ["locationData"] = new JsonObject { ["name"] = "on this machine" },
    }), cancellation);

    private async Task ImportApiAsync(CancellationToken cancellation)
    {
        await PointBackendAsync(cancellation);
        await client.PutAsync($"{Service}/apis/orders", Properties(new()
        {
            ["format"] = "openapi",
            ["value"] = Sample.Read("orders.openapi.yaml"),
            ["path"] = "sales",
            ["protocols"] = new JsonArray("http", "https"),
            ["subscriptionRequired"] = true,
        }), cancellation);
        await client.PutAsync($"{Service}/gateways/{Gateway}/apis/orders", null, cancellation);
    }

    private async Task CreateProductAsync(CancellationToken cancellation)
    {
        await client.PutAsync($"{Service}/products/starter", Properties(new()
        {
            ["displayName"] = "Starter",
            ["description"] = "300 calls a minute",
            ["subscriptionRequired"] = true,
            ["state"] = "published",
        }), cancellation);
        await client.PutAsync($"{Service}/products/starter/apis/orders", null, cancellation);
        await client.PutAsync($"{Service}/subscriptions/sample", Properties(new()
        {
            ["displayName"] = "Sample",
            ["scope"] = $"{Service}/products/starter",
            ["state"] = "active",
        }), cancellation);
    }

    private async Task SetPoliciesAsync(CancellationToken cancellation)
    {
        await SetPolicyAsync(Service, "global", cancellation);
        await SetPolicyAsync($"{Service}/products/starter", "product", cancellation);
        await SetPolicyAsync($"{Service}/apis/orders", "api", cancellation);
        await SetPolicyAsync($"{Service}/apis/orders/operations/get-order", "get-order", cancellation);
        await SetPolicyAsync($"{Service}/apis/orders/operations/teapot", "teapot", cancellation);
    }

    private Task SetPolicyAsync(string owner, string file, CancellationToken cancellation) => client.PutAsync(
        $"{owner}/policies/policy", Properties(new() { ["format"] = "rawxml", ["value"] = Sample.Read($"policies/{file}.xml") }), cancellation);

    private static JsonObject Properties(JsonObject properties) => new() { ["properties"] = properties };
}
