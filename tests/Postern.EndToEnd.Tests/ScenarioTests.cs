using System.Diagnostics;
using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>
/// The reason of the product, from the first role definition to a change that is served; <see cref="TakenRoleTests"/> goes on from there. What
/// <c>postern up</c> did is checked as a user sees it; what comes after is done here.
/// </summary>
[Collection(nameof(MeasuresTime))]
public sealed class ScenarioTests(RunningSystem system)
{
    [Fact]
    public async Task A_gateway_is_authorized_by_roles_and_serves_changes_at_once()
    {
        // 1. The service has its system-assigned identity.
        var service = (await system.ArmAsync(HttpMethod.Get, system.Service)).Json;
        Assert.Equal("SystemAssigned", service["identity"]!["type"]!.GetValue<string>());

        // 2. The two roles stand as published.
        // 3. The first is the identity's, at the group; the second the gateway app's, at the service.
        var roles = await GatewayRoles.OfAsync(system);
        Assert.Equal(service["identity"]!["principalId"]!.GetValue<string>(), roles.Identity);
        Assert.Equal("Microsoft.Authorization/*/read", roles.Validator["properties"]!["permissions"]![0]!["actions"]![0]!.GetValue<string>());
        Assert.Equal("Microsoft.ApiManagement/service/gateways/getConfiguration/action", roles.Reader["properties"]!["permissions"]![0]!["dataActions"]![0]!.GetValue<string>());

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

    /// <summary>Names of the healthy instances.</summary>
    private async Task<IReadOnlyList<string>> HealthyAsync() =>
        (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/gateways/edge/instances")).Json["value"]!.AsArray()
            .Where(instance => instance!["properties"]!["state"]!.GetValue<string>() == "Healthy")
            .Select(instance => instance!["name"]!.GetValue<string>()).ToList();

    private Task ReadyAsync(Uri address) => Until.TrueAsync($"{address} is ready", async () =>
        (await system.CallAsync("/status-0123456789abcdef", gateway: Root(address))).Status == 200, 60);

    private static string Root(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
