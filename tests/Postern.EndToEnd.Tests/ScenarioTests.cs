using System.Diagnostics;
using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>
/// The reason of the product, from the first role definition to the fail-static gateway. What <c>postern up</c> did is checked as a user
/// sees it; what comes after is done here.
/// </summary>
[Collection(nameof(TakesRolesAway))]
public sealed class ScenarioTests(RunningSystem system)
{
    [Fact]
    public async Task A_gateway_is_authorized_by_roles_serves_changes_at_once_and_goes_on_when_its_roles_are_taken()
    {
        // 1. The service has its system-assigned identity.
        var service = (await system.ArmAsync(HttpMethod.Get, system.Service)).Json;
        var identity = service["identity"]!["principalId"]!.GetValue<string>();
        Assert.Equal("SystemAssigned", service["identity"]!["type"]!.GetValue<string>());

        // 2. The two roles stand as published.
        var roles = (await system.ArmAsync(HttpMethod.Get, $"{system.Group}/providers/Microsoft.Authorization/roleDefinitions?$filter=type eq 'CustomRole'")).Json["value"]!.AsArray();
        var validator = Role(roles, "API Management Configuration API Access Validator Service Role");
        var reader = Role(roles, "API Management Gateway Configuration Reader Role");
        Assert.Equal("Microsoft.Authorization/*/read", validator["properties"]!["permissions"]![0]!["actions"]![0]!.GetValue<string>());
        Assert.Equal("Microsoft.ApiManagement/service/gateways/getConfiguration/action", reader["properties"]!["permissions"]![0]!["dataActions"]![0]!.GetValue<string>());

        // 3. The first is the identity's, at the group; the second the gateway app's, at the service.
        var validatorAssignment = await AssignmentAsync(system.Group, validator, identity);
        var app = (await system.GraphAsync(HttpMethod.Get, $"servicePrincipals?$filter=appId eq '{system["GATEWAY_CLIENT_ID"]}'")).Json["value"]![0]!["id"]!.GetValue<string>();
        var readerAssignment = await AssignmentAsync(system.Service, reader, app);

        // 4. The gateway resource exposes the imported API.
        var apis = (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/gateways/edge/apis")).Json["value"]!.AsArray();
        Assert.Contains("orders", apis.Select(api => api!["name"]!.GetValue<string>()));

        // 5. A second gateway, a process with the published settings, becomes ready.
        var before = await HealthyAsync();
        await using var gateway = RunningSystem.StartGateway(system.GatewaySettings());
        var address = await RunningSystem.HttpAddressAsync(gateway);
        await ReadyAsync(address);

        // 6. A client's call passes the policies of all four scopes.
        var called = await system.CallAsync("/sales/orders/17?x=1", gateway: Root(address), headers: ("X-Priority", "high"));
        Assert.Equal(200, called.Status);
        Assert.Equal("/v1/orders/17/details", called.Json["path"]!.GetValue<string>());
        Assert.Equal("?x=1", called.Json["query"]!.GetValue<string>());
        Assert.Equal("express", called.Json["headers"]!["X-Queue"]!.GetValue<string>());
        Assert.True(Guid.TryParse(called.Json["headers"]!.AsObject().Single(header => header.Key.Equals("X-Request-Id", StringComparison.OrdinalIgnoreCase)).Value!.GetValue<string>(), out _));
        Assert.Equal("contoso/edge", called.Headers["X-Served-By"]);
        Assert.Equal("299", called.Headers["X-Remaining-Calls"]);
        Assert.DoesNotContain("X-Powered-By", called.Headers.Keys);
        var teapot = await system.CallAsync("/sales/teapot", gateway: Root(address));
        Assert.Equal((418, "{\"brewedFor\":\"Starter\"}"), (teapot.Status, teapot.Body));

        // 7. The management API sees one more healthy node, beside the one that `up` runs.
        await Until.TrueAsync("one more healthy node", async () => (await HealthyAsync()).Except(before).Count() == 1);
        Assert.NotEmpty(before);

        // 8. A policy is live in well under a second, and no request fails meanwhile.
        await PolicyGoesLiveWithoutFailuresAsync(address);

        // 9. Without its role the gateway is refused, says so once, and keeps serving; one without a configuration is not ready.
        await RefusedAsync(readerAssignment, gateway, address, app, "Microsoft.ApiManagement/service/gateways/getConfiguration/action");
        await RefusedAsync(validatorAssignment, gateway, address, identity, "Microsoft.Authorization/");
    }

    private async Task PolicyGoesLiveWithoutFailuresAsync(Uri address)
    {
        await CreateOpenApiAsync("live");
        await Until.TrueAsync("the new API is served", async () => (await system.CallAsync("/live/ping", key: null, gateway: Root(address))).Status == 200, 5);
        var answers = new List<int>();
        using var stop = new CancellationTokenSource();
        var traffic = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                answers.Add((await system.CallAsync("/live/ping", key: null, gateway: Root(address))).Status);
            }
        });
        var slowest = TimeSpan.Zero;
        for (var i = 1; i <= 5; i++)
        {
            await PutPolicyAsync($"{system.Service}/apis/live", $"<set-header name=\"X-Policy\" exists-action=\"override\"><value>@(\"v\" + {i})</value></set-header>");
            var answered = Stopwatch.GetTimestamp();
            await Until.TrueAsync("the new policy answers", async () =>
                (await system.CallAsync("/live/ping", key: null, gateway: Root(address))).Headers.GetValueOrDefault("X-Policy") == $"v{i}", 5);
            var took = Stopwatch.GetElapsedTime(answered);
            slowest = took > slowest ? took : slowest;
        }

        await stop.CancelAsync();
        await traffic;
        Assert.All(answers, status => Assert.Equal(200, status));
        Assert.True(slowest < TimeSpan.FromSeconds(1), $"The slowest change took {slowest.TotalMilliseconds} ms.");
    }

    /// <summary>An API that needs no key and that no rate limit guards.</summary>
    private async Task CreateOpenApiAsync(string name)
    {
        var backend = (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/backends/orders")).Json["properties"]!["url"]!.GetValue<string>();
        await MadeAsync($"{system.Service}/apis/{name}", new() { ["displayName"] = name, ["path"] = name, ["serviceUrl"] = backend, ["subscriptionRequired"] = false, ["protocols"] = new JsonArray("http", "https") });
        await MadeAsync($"{system.Service}/apis/{name}/operations/ping", new() { ["displayName"] = "ping", ["method"] = "GET", ["urlTemplate"] = "/ping" });
        await MadeAsync($"{system.Service}/gateways/edge/apis/{name}", []);
    }

    private Task PutPolicyAsync(string owner, string outbound) => MadeAsync($"{owner}/policies/policy", new()
    {
        ["format"] = "rawxml",
        ["value"] = $"<policies><inbound><base /></inbound><backend><base /></backend><outbound><base />{outbound}</outbound><on-error><base /></on-error></policies>",
    });

    private async Task MadeAsync(string id, JsonObject properties)
    {
        var answer = await system.ArmAsync(HttpMethod.Put, id, new JsonObject { ["properties"] = properties });
        Assert.True(answer.Status is 200 or 201, $"PUT {id}: {answer.Status} {answer.Body}");
    }

    private async Task RefusedAsync(JsonNode assignment, PosternProcess gateway, Uri address, string principal, string action)
    {
        var seen = Refusals(gateway);
        Assert.Equal(200, (await system.ArmAsync(HttpMethod.Delete, assignment["id"]!.GetValue<string>())).Status);

        // The configuration API tells the reason: the missing action and whose it would be.
        await using var fresh = RunningSystem.StartGateway(system.GatewaySettings());
        var line = await fresh.LineAsync(line => line.Contains("ConfigurationApiV2NotAvailable", StringComparison.Ordinal) && line.Contains("AuthorizationFailed", StringComparison.Ordinal));
        Assert.Contains(action, line, StringComparison.Ordinal);
        Assert.Contains(principal, line, StringComparison.Ordinal);
        Assert.Contains(system.Group, line, StringComparison.OrdinalIgnoreCase);

        // One that never had a configuration is not ready and answers 503.
        var freshAddress = await RunningSystem.HttpAddressAsync(fresh);
        Assert.Equal(503, (await system.CallAsync("/status-0123456789abcdef", gateway: Root(freshAddress))).Status);
        Assert.Equal(503, (await system.CallAsync("/sales/orders/17", gateway: Root(freshAddress))).Status);

        // The one that has a configuration notices within 5 s, says so once, and keeps serving.
        await Until.TrueAsync("the running gateway logged the refusal", () => Task.FromResult(Refusals(gateway) > seen), 20);
        Assert.Equal(200, (await system.CallAsync("/status-0123456789abcdef", gateway: Root(address))).Status);
        Assert.Equal(200, (await system.CallAsync("/live/ping", key: null, gateway: Root(address))).Status);
        Assert.Equal(seen + 1, Refusals(gateway));

        // Given back, the new one becomes ready without a restart.
        var back = await system.ArmAsync(HttpMethod.Put, assignment["id"]!.GetValue<string>(), new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["roleDefinitionId"] = assignment["properties"]!["roleDefinitionId"]!.GetValue<string>(),
                ["principalId"] = assignment["properties"]!["principalId"]!.GetValue<string>(),
                ["principalType"] = "ServicePrincipal",
            },
        });
        Assert.Equal(201, back.Status);
        await ReadyAsync(freshAddress);
    }

    /// <summary>Names of the healthy instances.</summary>
    private async Task<IReadOnlyList<string>> HealthyAsync() =>
        (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/gateways/edge/instances")).Json["value"]!.AsArray()
            .Where(instance => instance!["properties"]!["state"]!.GetValue<string>() == "Healthy")
            .Select(instance => instance!["name"]!.GetValue<string>()).ToList();

    private static int Refusals(PosternProcess gateway) => gateway.Output.Split('\n').Count(line => line.Contains("ConfigurationApiV2NotAvailable", StringComparison.Ordinal));

    private Task ReadyAsync(Uri address) => Until.TrueAsync($"{address} is ready", async () =>
        (await system.CallAsync("/status-0123456789abcdef", gateway: Root(address))).Status == 200, 60);

    private async Task<JsonNode> AssignmentAsync(string scope, JsonNode role, string principal)
    {
        var all = (await system.ArmAsync(HttpMethod.Get, $"{scope}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()")).Json["value"]!.AsArray();
        return Assert.Single(all, assignment =>
            SameId(assignment!["properties"]!["roleDefinitionId"]!, role["id"]!) && assignment["properties"]!["principalId"]!.GetValue<string>() == principal)!;
    }

    private static JsonNode Role(JsonArray roles, string name) => Assert.Single(roles, role => role!["properties"]!["roleName"]!.GetValue<string>() == name)!;

    private static bool SameId(JsonNode one, JsonNode other) => string.Equals(one.GetValue<string>(), other.GetValue<string>(), StringComparison.OrdinalIgnoreCase);

    private static string Root(Uri address) => address.GetLeftPart(UriPartial.Authority);
}

/// <summary>Runs by itself: while a role is taken away, no other gateway of the shared system gets its configuration.</summary>
[CollectionDefinition(nameof(TakesRolesAway), DisableParallelization = true)]
public sealed class TakesRolesAway;
