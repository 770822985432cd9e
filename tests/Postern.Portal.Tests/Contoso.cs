namespace Postern.Portal.Tests;

/// <summary>What the management API says about the service that the tests look at.</summary>
internal static class Contoso
{
    public const string Identity = "11111111-2222-3333-4444-555555555555";

    /// <summary>A principal that may not have the gateway's configuration.</summary>
    public const string Refused = "99999999-aaaa-4000-8000-bbbbbbbbbbbb";

    public const string Policy = """
        <policies>
            <inbound>
                <base />
                <set-header name="x-who" exists-action="override">
                    <value>@(context.Request.Headers.GetValueOrDefault("x-from","nobody"))</value>
                </set-header>
            </inbound>
        </policies>
        """;

    public static void Fill(FakeManagement management)
    {
        var root = FakeManagement.Root;
        management.Answers[root] = new
        {
            id = root,
            name = "contoso",
            type = "Microsoft.ApiManagement/service",
            location = "West Europe",
            sku = new { name = "Premium", capacity = 1 },
            identity = new { type = "SystemAssigned", principalId = Identity, tenantId = "tenant-1" },
            properties = new { provisioningState = "Succeeded", gatewayUrl = "https://contoso.azure-api.net", publisherName = "Contoso" },
        };
        var gateway = new { id = $"{root}/gateways/edge", name = "edge", properties = new { description = "the <edge> gateway", locationData = new { name = "Cellar", city = "Ghent" } } };
        management.Answers[$"{root}/gateways"] = FakeManagement.Collection(gateway);
        management.Answers[$"{root}/gateways/edge"] = gateway;
        var api = new
        {
            id = $"{root}/apis/echo",
            name = "echo",
            properties = new { displayName = "Echo", path = "echo", apiRevision = "1", isCurrent = true, serviceUrl = "http://localhost:9/echo", protocols = new[] { "https" }, subscriptionRequired = true },
        };
        management.Answers[$"{root}/apis"] = FakeManagement.Collection(api);
        management.Answers[$"{root}/apis/echo"] = api;
        management.Answers[$"{root}/gateways/edge/apis"] = FakeManagement.Collection(api);
        var operation = new { id = $"{root}/apis/echo/operations/get", name = "get", properties = new { displayName = "Say it again", method = "GET", urlTemplate = "/{word}" } };
        management.Answers[$"{root}/apis/echo/operations"] = FakeManagement.Collection(operation);
        management.Answers[$"{root}/apis/echo/operations/get"] = operation;
        management.Answers[$"{root}/apis/echo/policies/policy"] = new FakeManagement.Tagged(new { name = "policy", properties = new { value = Policy, format = "rawxml" } }, 1);
        var product = new { id = $"{root}/products/starter", name = "starter", properties = new { displayName = "Starter", state = "notPublished", subscriptionRequired = true, approvalRequired = true } };
        management.Answers[$"{root}/products"] = new { value = new[] { product }, count = 12 };
        management.Answers[$"{root}/products/starter"] = product;
        management.Answers[$"{root}/products/starter/apis"] = FakeManagement.Collection(api);
        management.Answers[$"{root}/subscriptions"] = new
        {
            value = new[] { new { id = $"{root}/subscriptions/first", name = "first", properties = new { displayName = "First of many", state = "active", scope = $"{root}/products/starter" } } },
            count = 345,
        };
        management.Answers[$"{root}/providers/Microsoft.Authorization/roleAssignments"] = new
        {
            value = new[] { Assignment("validator", Identity, "/subscriptions/sub-1"), Assignment("reader", "app-object-id", root) },
        };
        management.Answers[$"{root}/providers/Microsoft.Authorization/roleDefinitions"] = new
        {
            value = new[]
            {
                Role("validator", "API Management Configuration API Access Validator Service Role", ["Microsoft.Authorization/*/read"], []),
                Role("reader", "API Management Gateway Configuration Reader Role", [], ["Microsoft.ApiManagement/service/gateways/getConfiguration/action"]),
            },
        };
        management.Answers[$"{root}/providers/Microsoft.Authorization/denyAssignments"] = new { value = Array.Empty<object>() };
        management.Instances("edge", FakeManagement.Instance("Healthy"));
        var refused = FakeManagement.Explained(Refused, "client-9", ("RoleData", "A433", "It lacks <read>.", "Assign the Validator role."));
        management.Access(
            "edge",
            [FakeManagement.Explained("app-object-id", "client-1", null), refused],
            (Refused, refused),
            ("cut-off", FakeManagement.Explained("cut-off", null, ("DataAction", "A437", "The directory is not reachable.", "Check the directory."))));
    }

    private static object Assignment(string role, string principal, string scope) => new
    {
        id = $"{scope}/providers/Microsoft.Authorization/roleAssignments/{role}-1",
        name = $"{role}-1",
        properties = new { scope, principalId = principal, principalType = "ServicePrincipal", roleDefinitionId = $"/subscriptions/sub-1/providers/Microsoft.Authorization/roleDefinitions/{role}" },
    };

    private static object Role(string id, string name, string[] actions, string[] dataActions) => new
    {
        id = $"/subscriptions/sub-1/providers/Microsoft.Authorization/roleDefinitions/{id}",
        name = id,
        properties = new { roleName = name, type = "CustomRole", permissions = new[] { new { actions, notActions = Array.Empty<string>(), dataActions, notDataActions = Array.Empty<string>() } } },
    };
}
