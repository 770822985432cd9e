using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>Debug credentials and traces of a gateway, through the management API.</summary>
public sealed class DebugTests(RunningControlPlane plane)
{
    private static readonly string[] WrongBodies =
    [
        """{"purposes":["tracing"]}""",
        """{"purposes":["tracing"],"apiId":"SERVICE/apis/none"}""",
        """{"purposes":["tracing"],"apiId":"SERVICE/products/p"}""",
        """{"purposes":["tracing"],"apiId":"/subscriptions/x/resourceGroups/y/providers/Microsoft.ApiManagement/service/z/apis/echo"}""",
        """{"apiId":"SERVICE/apis/echo"}""",
        """{"apiId":"SERVICE/apis/echo","purposes":[]}""",
        """{"apiId":"SERVICE/apis/echo","purposes":["tracing","more"]}""",
        """{"apiId":"SERVICE/apis/echo","purposes":["tracing"],"credentialsExpireAfter":"PT61M"}""",
        """{"apiId":"SERVICE/apis/echo","purposes":["tracing"],"credentialsExpireAfter":"PT0S"}""",
        """{"apiId":"SERVICE/apis/echo","purposes":["tracing"],"credentialsExpireAfter":"-PT1H"}""",
        """{"apiId":"SERVICE/apis/echo","purposes":["tracing"],"credentialsExpireAfter":"an hour"}""",
        """{"apiId":"SERVICE/apis/echo","purposes":["tracing"],"credentialsExpireAfter":3600}""",
    ];

    [Fact]
    public async Task A_debug_token_is_signed_with_what_the_gateway_is_given_until_it_is_invalidated()
    {
        var service = await SeedAsync();

        var token = DebugToken.Parse(await TokenAsync(service, "PT10M"))!;
        var before = await KeyAsync(service);
        var (invalidated, _) = await plane.SendAsync(HttpMethod.Post, $"{service}/gateways/edge/invalidateDebugCredentials");
        var after = await KeyAsync(service);

        Assert.Equal("echo", token.ApiId);
        Assert.InRange(token.Expiry, TimeProvider.System.GetUtcNow().AddMinutes(8), TimeProvider.System.GetUtcNow().AddMinutes(10));
        Assert.True(token.IsSignedWith(before));
        Assert.Equal(204, invalidated);
        Assert.False(token.IsSignedWith(after));
        Assert.True(DebugToken.Parse(await TokenAsync(service, null))!.IsSignedWith(after));
    }

    [Fact]
    public async Task The_token_has_the_products_shape_and_its_key_is_never_shown()
    {
        var service = await SeedAsync();

        var token = await TokenAsync(service, "PT1H");
        var (_, gateway) = await plane.GetAsync($"{service}/gateways/edge");
        var (_, keys) = await plane.SendAsync(HttpMethod.Post, $"{service}/gateways/edge/listKeys");

        Assert.Matches("^p=tracing&aid=echo&ex=[0-9]{14}&sn=[A-Za-z0-9+/]{86}==$", token);
        var key = await KeyAsync(service);
        Assert.All((JsonObject[])[gateway, keys], shown => Assert.DoesNotContain(key, shown.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal)));
        Assert.DoesNotContain("debugKey", gateway.ToJsonString());
        Assert.Equal(["primary", "secondary"], keys.Select(member => member.Key));
    }

    [Fact]
    public async Task Credentials_are_made_for_good_requests_only()
    {
        var service = await SeedAsync();
        await plane.PutPropertiesAsync($"{service}/products/p", new() { ["displayName"] = "p" });

        foreach (var body in WrongBodies)
        {
            var (status, error) = await plane.SendAsync(
                HttpMethod.Post, $"{service}/gateways/edge/listDebugCredentials", (JsonObject)JsonNode.Parse(body.Replace("SERVICE", service, StringComparison.Ordinal))!);
            Assert.True((400, "ValidationError") == (status, (string?)error["error"]?["code"]), $"{status} {body} {error}");
        }

        using var nobody = await plane.Nobody.PostAsync($"{service}/gateways/edge/listDebugCredentials?api-version=2024-05-01", null, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, nobody.StatusCode);
        var (gone, _) = await plane.SendAsync(HttpMethod.Post, $"{service}/gateways/none/listDebugCredentials", Body(service, null));
        Assert.Equal(404, gone);
    }

    [Fact]
    public async Task A_trace_that_a_gateway_sent_is_listed_and_is_not_to_be_read_in_the_database()
    {
        var service = await SeedAsync();
        await plane.PutPropertiesAsync($"{service}/gateways/other", []);
        var id = Guid.NewGuid().ToString("N");
        var entry = new TraceEntry("set-header", DateTime.UnixEpoch, TimeSpan.FromMilliseconds(1.5), new JsonObject { ["message"] = "CONFIDENTIAL" }, TimeSpan.FromTicks(123), "api", "set-header[1]");
        var trace = new GatewayTrace(id, "11111111-0000-4000-8000-000000000001", "echo", new Dictionary<string, IReadOnlyList<TraceEntry>> { ["outbound"] = [entry], ["inbound"] = [entry] });
        await plane.PostAsGatewayAsync(service, "edge", "traces", new("one", [trace], 0), SnapshotJson.Default.TraceBatch);

        var (status, listed) = await ListTraceAsync(service, "edge", id.ToUpperInvariant());
        var (elsewhere, error) = await ListTraceAsync(service, "other", id);
        var (malformed, _) = await plane.SendAsync(HttpMethod.Post, $"{service}/gateways/edge/listTrace", new() { ["traceId"] = 5 });

        Assert.Equal(200, status);
        Assert.Equal((service.Split('/')[^1], "11111111-0000-4000-8000-000000000001"), ((string?)listed["serviceName"], (string?)listed["traceId"]));
        Assert.Equal(["inbound", "outbound"], listed["traceEntries"]!.AsObject().Select(section => section.Key));
        var shown = listed["traceEntries"]!["inbound"]![0]!;
        Assert.Equal(
            ("set-header", "1970-01-01T00:00:00Z", "00:00:00.0015000", "00:00:00.0000123", "CONFIDENTIAL"),
            ((string?)shown["source"], (string?)shown["timestamp"], (string?)shown["elapsed"], (string?)shown["duration"], (string?)shown["data"]!["message"]));
        Assert.Equal((404, "ResourceNotFound"), (elsewhere, (string?)error["error"]!["code"]));
        Assert.Equal(400, malformed);
        Assert.DoesNotContain("CONFIDENTIAL", await StoredAsync(id));
    }

    [Fact]
    public async Task Events_and_metrics_of_a_gateway_are_listed_filtered_and_limited_in_time()
    {
        var service = await SeedAsync();
        var now = TimeProvider.System.GetUtcNow();
        await plane.PostAsGatewayAsync(service, "edge", "events", new("one",
        [
            new("opened", GatewayEventTypes.CircuitBreakerOpened, "/backends/b", now.AddHours(-3).UtcDateTime, new() { ["backendName"] = "b" }),
            new("closed", GatewayEventTypes.CircuitBreakerClosed, "/backends/b", now.AddMinutes(-1).UtcDateTime, []),
        ], 0), SnapshotJson.Default.EventBatch);
        MetricPoint Point(string name, string status) => new(name, new Dictionary<string, string> { ["GatewayResponseCode"] = status }, 4, 40, 5, 20);
        await plane.PostAsGatewayAsync(service, "edge", "metrics", new("b1", "one", now.AddMinutes(-1), now, [Point("Duration", "200"), Point("Requests", "200"), Point("Duration", "500"), Point("Sold", "-") with { Namespace = "shop" }], 0), SnapshotJson.Default.MetricBatch);

        async Task<JsonArray> List(string path)
        {
            var (status, body) = await plane.GetAsync($"{service}/gateways/edge/{path}");
            Assert.True(status == 200, body.ToJsonString());
            return body["value"]!.AsArray();
        }

        Assert.Equal(["closed", "opened"], (await List("events")).Select(item => (string?)item!["name"]));
        Assert.Equal("closed", (string?)Assert.Single(await List("events?timespan=PT1H"))!["name"]);
        var opened = Assert.Single(await List("events?$filter=" + Uri.EscapeDataString("properties/eventType eq 'Microsoft.ApiManagement.CircuitBreaker.Opened'")))!["properties"]!;
        Assert.Equal(("/backends/b", "one", "b"), ((string?)opened["subject"], (string?)opened["instanceId"], (string?)opened["data"]!["backendName"]));

        Assert.Equal("shop", (string?)Assert.Single(await List("metrics?metricnames=Sold"))!["properties"]!["namespace"]);
        Assert.Equal(4, (await List("metrics")).Count);
        Assert.Equal(4, (await List("metrics?interval=PT1H&timespan=P1D")).Count);
        var failed = Assert.Single(await List("metrics?metricnames=duration&$filter=" + Uri.EscapeDataString("properties/dimensions/GatewayResponseCode eq '500'")))!["properties"]!;
        Assert.Equal((4, 40d, 10d, 5d, 20d), ((int)failed["count"]!, (double)failed["total"]!, (double)failed["average"]!, (double)failed["minimum"]!, (double)failed["maximum"]!));
        foreach (var wrong in (string[])["events?timespan=yesterday", "metrics?interval=PT5M", "metrics?timespan=2026-01-01/now"])
        {
            Assert.Equal(400, (await plane.GetAsync($"{service}/gateways/edge/{wrong}")).Status);
        }
    }

    private async Task<string> SeedAsync()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/gateways/edge", []);
        await plane.PutPropertiesAsync($"{service}/apis/echo", new() { ["displayName"] = "echo", ["path"] = "echo", ["protocols"] = new JsonArray("https") });
        return service;
    }

    private async Task<string> TokenAsync(string service, string? lifetime)
    {
        var (status, body) = await plane.SendAsync(HttpMethod.Post, $"{service}/gateways/edge/listDebugCredentials", Body(service, lifetime));
        Assert.True(status == 200, body.ToJsonString());
        return (string)body["token"]!;
    }

    private static JsonObject Body(string service, string? lifetime) => new()
    {
        ["credentialsExpireAfter"] = lifetime,
        ["purposes"] = new JsonArray("tracing"),
        ["apiId"] = $"{service}/apis/ECHO",
    };

    private async Task<string> KeyAsync(string service) =>
        (await plane.SnapshotAsync(service, "edge")).Entities.OfType<DebugCredentialsSnapshot>().Single().SigningKey;

    private Task<(int Status, JsonObject Body)> ListTraceAsync(string service, string gateway, string id) =>
        plane.SendAsync(HttpMethod.Post, $"{service}/gateways/{gateway}/listTrace", new() { ["traceId"] = id });

    private async Task<string> StoredAsync(string traceId)
    {
        await using var connection = new SqliteConnection($"Data Source={plane.Options.Store.SqliteFile};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT body FROM gateway_traces WHERE id = @id";
        command.Parameters.AddWithValue("@id", traceId);
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
