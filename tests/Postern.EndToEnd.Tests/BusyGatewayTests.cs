using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Postern.EndToEnd.Tests;

/// <summary>A gateway process of its own, whose requests run on the threads that wait for sockets.</summary>
[Collection(nameof(MeasuresTime))]
public sealed class BusyGatewayTests(RunningSystem system)
{
    private const string Busy = """
        <policies><inbound><return-response><set-status code="200" /><set-body>@{
            var text = new string('x', 4000000);
            var end = DateTime.UtcNow.AddSeconds(2);
            while (DateTime.UtcNow &lt; end &amp;&amp; text.IndexOf('y') &lt; 0) { }
            return "done";
        }</set-body></return-response></inbound><backend /><outbound /><on-error /></policies>
        """;

    private const string Quick = """<policies><inbound><return-response><set-status code="204" /></return-response></inbound><backend /><outbound /><on-error /></policies>""";

    [Fact]
    public async Task An_expression_that_computes_for_two_seconds_holds_up_nobody_else()
    {
        await PutAsync("busy", Busy);
        await PutAsync("quick", Quick);
        await using var gateway = RunningSystem.StartGateway(system.GatewaySettings());
        var address = await RunningSystem.HttpAddressAsync(gateway);
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = address };
        await Postern.Testing.Until.TrueAsync("the gateway knows the API", async () => (await client.GetAsync("quick/x")).StatusCode == System.Net.HttpStatusCode.NoContent);
        (await client.GetAsync("busy/x")).EnsureSuccessStatusCode();

        var busy = client.GetStringAsync("busy/x");
        var longest = TimeSpan.Zero;
        var rounds = 0;
        while (!busy.IsCompleted)
        {
            // More connections at once than threads that wait for sockets, so that each such thread has some.
            var began = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, 4 * Environment.ProcessorCount).Select(_ => client.GetAsync("quick/x")));
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
            rounds++;
        }

        Assert.Equal("done", await busy);
        Assert.True(rounds > 3 && longest < TimeSpan.FromSeconds(1.5), $"{rounds} rounds of other requests; the longest took {longest.TotalMilliseconds:0} ms.");
    }

    private async Task PutAsync(string name, string policy)
    {
        var api = $"{system.Service}/apis/{name}";
        JsonObject Body(params (string Name, JsonNode Value)[] properties) => new() { ["properties"] = new JsonObject(properties.Select(pair => KeyValuePair.Create(pair.Name, (JsonNode?)pair.Value))) };
        foreach (var (path, body) in new[]
        {
            (api, Body(("displayName", name), ("path", name), ("protocols", new JsonArray("http", "https")), ("subscriptionRequired", false), ("serviceUrl", "http://127.0.0.1:1"))),
            ($"{api}/operations/all", Body(("displayName", "all"), ("method", "GET"), ("urlTemplate", "/*"))),
            ($"{api}/policies/policy", Body(("format", "xml"), ("value", policy))),
            ($"{system.Service}/gateways/edge/apis/{name}", Body()),
        })
        {
            var answer = await system.ArmAsync(HttpMethod.Put, path, body);
            Assert.True(answer.Status is 200 or 201, $"{path}: {answer.Status} {answer.Body}");
        }
    }
}
