using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>Request tracing as a user does it: a debug token, a call with it, the trace.</summary>
public sealed class TracingTests(RunningSystem system)
{
    private const string DebugHeader = "Apim-Debug-Authorization";

    private string Gateway => $"{system.Service}/gateways/edge";

    [Fact]
    public async Task A_call_with_a_debug_token_is_traced_until_the_credentials_are_invalidated()
    {
        var credentials = await system.ArmAsync(HttpMethod.Post, $"{Gateway}/listDebugCredentials", new JsonObject
        {
            ["credentialsExpireAfter"] = "PT1H",
            ["apiId"] = $"{system.Service}/apis/orders",
            ["purposes"] = new JsonArray("tracing"),
        });
        Assert.Equal(200, credentials.Status);
        var token = credentials.Json["token"]!.GetValue<string>();

        var called = await system.CallAsync("/sales/orders/17?x=1", headers: [(DebugHeader, token), ("Authorization", "Bearer CALLERSECRET")]);
        Assert.Equal(200, called.Status);
        var traceId = called.Headers["Apim-Trace-Id"];
        var trace = await Until.NotNullAsync("the trace", async () =>
        {
            var listed = await system.ArmAsync(HttpMethod.Post, $"{Gateway}/listTrace", new JsonObject { ["traceId"] = traceId });
            return listed.Status == 200 ? listed.Json : null;
        });

        Assert.Equal(system["SERVICE_NAME"], trace["serviceName"]!.GetValue<string>());
        var sections = trace["traceEntries"]!.AsObject();
        Assert.Equal(["inbound", "backend", "outbound"], sections.Select(section => section.Key));
        var inbound = sections["inbound"]!.AsArray();
        Assert.Equal(["api-inspector", "api-inspector"], inbound.Take(2).Select(entry => entry!["source"]!.GetValue<string>()));
        var policies = sections.SelectMany(section => section.Value!.AsArray()).Where(entry => entry!["scope"] is not null).ToList();
        Assert.Contains("set-header", policies.Select(entry => entry!["source"]!.GetValue<string>()));
        Assert.Contains("rate-limit", policies.Select(entry => entry!["source"]!.GetValue<string>()));
        Assert.All(policies, entry => Assert.True(TimeSpan.Parse(entry!["duration"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture) > TimeSpan.Zero, entry.ToJsonString()));
        var forwarded = sections["backend"]!.AsArray().Where(entry => entry!["source"]!.GetValue<string>() == "forward-request").ToList();
        Assert.Contains(forwarded, entry => entry!["data"]!["request"] is not null);
        Assert.Contains(forwarded, entry => entry!["data"]!["response"]?["status"]?["code"]?.GetValue<string>() == "OK");
        Assert.Equal("transfer-response", sections["outbound"]!.AsArray()[^1]!["source"]!.GetValue<string>());
        Assert.All((string[])[system["SUBSCRIPTION_KEY"], token, "CALLERSECRET"], secret => Assert.DoesNotContain(secret, trace.ToJsonString()));

        // Another API's token and no token at all trace nothing.
        var elsewhere = await system.CallAsync("/nowhere", headers: (DebugHeader, token));
        Assert.Contains("Apim-Debug-Authorization-WrongAPI", elsewhere.Headers.Keys);
        var untraced = await system.CallAsync("/sales/orders/17");
        Assert.DoesNotContain(untraced.Headers.Keys, name => name.StartsWith("Apim-", StringComparison.Ordinal));

        Assert.Equal(204, (await system.ArmAsync(HttpMethod.Post, $"{Gateway}/invalidateDebugCredentials")).Status);
        await Until.TrueAsync("the gateway refuses the old token", async () =>
        {
            var refused = await system.CallAsync("/sales/orders/17", headers: (DebugHeader, token));
            return refused.Headers.ContainsKey("Apim-Debug-Authorization-Invalid") && !refused.Headers.ContainsKey("Apim-Trace-Id");
        });
    }

    [Fact]
    public async Task What_happened_at_the_gateway_is_listed_by_the_management_API()
    {
        var events = await Until.NotNullAsync("the first configuration's event", async () =>
        {
            var listed = (await system.ArmAsync(HttpMethod.Get, $"{Gateway}/events")).Json["value"]!.AsArray();
            return listed.Any(happened => happened!["properties"]!["eventType"]!.GetValue<string>() == "Postern.Gateway.ConfigurationApplied") ? listed : null;
        });

        Assert.All(events, happened => Assert.NotEmpty(happened!["properties"]!["instanceId"]!.GetValue<string>()));
    }
}
