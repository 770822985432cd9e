using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>A Redis named over the management API, shared by two gateway processes.</summary>
public sealed class CachingTests(RunningSystem system)
{
    private const string Policy = """
        <policies>
          <inbound><base /><cache-lookup vary-by-developer="false" vary-by-developer-groups="false" /></inbound>
          <backend><base /></backend>
          <outbound>
            <base />
            <set-header name="X-Made" exists-action="override"><value>@(context.RequestId.ToString())</value></set-header>
            <cache-store duration="300" />
            <set-header name="X-Sent" exists-action="override"><value>@(context.RequestId.ToString())</value></set-header>
          </outbound>
          <on-error><base /></on-error>
        </policies>
        """;

    [Fact]
    public async Task What_one_gateway_keeps_in_the_named_Redis_the_other_answers_from_the_second_request_on()
    {
        await using var redis = await RedisServer.StartAsync("Passw0rd-of-redis");
        Assert.SkipWhen(redis is null, "redis-server is not installed");
        await PutAsync("gateways/cellar", new() { ["locationData"] = new JsonObject { ["name"] = "cellar" } });
        await PutAsync("apis/kept", new()
        {
            ["displayName"] = "Kept",
            ["path"] = "kept",
            ["protocols"] = new JsonArray("http", "https"),
            ["subscriptionRequired"] = false,
            ["serviceUrl"] = (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/backends/orders")).Json["properties"]!["url"]!.GetValue<string>(),
        });
        await PutAsync("apis/kept/operations/get", new() { ["displayName"] = "Get", ["method"] = "GET", ["urlTemplate"] = "/*" });
        await PutAsync("apis/kept/policies/policy", new() { ["format"] = "rawxml", ["value"] = Policy });
        await PutAsync("gateways/cellar/apis/kept", []);
        var settings = system.GatewaySettings();
        settings["gateway.name"] = "cellar";
        await using var one = RunningSystem.StartGateway(settings);
        await using var two = RunningSystem.StartGateway(settings);
        var first = (await RunningSystem.HttpAddressAsync(one)).ToString().TrimEnd('/');
        var second = (await RunningSystem.HttpAddressAsync(two)).ToString().TrimEnd('/');

        // Without a cache every response is made anew.
        await Until.TrueAsync("both gateways serve", async () => (await GetAsync(first, "x")).Status == 200 && (await GetAsync(second, "x")).Status == 200);
        Assert.NotEqual((await GetAsync(first, "x")).Headers["X-Made"], (await GetAsync(first, "x")).Headers["X-Made"]);

        var put = await PutAsync("caches/default", new() { ["useFromLocation"] = "default", ["connectionString"] = $"127.0.0.1:{redis!.Port},password=Passw0rd-of-redis,abortConnect=False" });
        Assert.DoesNotContain("Passw0rd", put.Body, StringComparison.Ordinal);
        var connected = "The external cache 'default' is connected";
        await Task.WhenAll(one.LineAsync(line => line.Contains(connected, StringComparison.Ordinal)), two.LineAsync(line => line.Contains(connected, StringComparison.Ordinal)));

        var made = await GetAsync(first, "shared");
        await Until.TrueAsync("the second gateway answers with what the first one kept", async () =>
        {
            var hit = await GetAsync(second, "shared");
            return hit.Headers["X-Made"] == made.Headers["X-Made"] && hit.Headers["X-Sent"] != made.Headers["X-Sent"] && hit.Body == made.Body;
        });
        Assert.StartsWith("postern/", await redis.CliAsync("-a", "Passw0rd-of-redis", "--no-auth-warning", "randomkey"), StringComparison.Ordinal);

        // Without Redis again: no errors, and every response is made anew.
        await redis.KillAsync();
        var answers = new[] { await GetAsync(first, "shared"), await GetAsync(first, "shared"), await GetAsync(second, "shared") };
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(3, answers.Select(answer => answer.Headers["X-Made"]).Distinct().Count());
        await one.LineAsync(line => line.Contains("G250", StringComparison.Ordinal));

        Assert.Equal(200, (await system.ArmAsync(HttpMethod.Delete, $"{system.Service}/caches/default")).Status);
    }

    private Task<Answer> GetAsync(string gateway, string path) => system.CallAsync($"/kept/{path}", key: null, gateway: gateway);

    private async Task<Answer> PutAsync(string path, JsonObject properties)
    {
        var answer = await system.ArmAsync(HttpMethod.Put, $"{system.Service}/{path}", new JsonObject { ["properties"] = properties });
        Assert.True(answer.Status is 200 or 201 or 202, answer.Body);
        return answer;
    }
}
