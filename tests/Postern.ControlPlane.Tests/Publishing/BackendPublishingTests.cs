using System.Text.Json.Nodes;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.Publishing;

/// <summary>What a gateway is told of backends, and which of them.</summary>
public sealed class BackendPublishingTests : IAsyncLifetime
{
    private const string Service = PublishedService.Id;

    private PublishedService _service = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await PublishedService.CreateAsync();
        await PutAsync("apis/echo", """{"displayName":"Echo","path":"echo"}""");
        await PutAsync("gateways/lab/apis/echo", "{}");
        foreach (var name in (string[])["one", "two", "other"])
        {
            await PutAsync($"backends/{name}", $$"""{"url":"https://{{name}}.example","protocol":"http"}""");
        }

        await PutAsync("backends/pool", $$"""
            {"type":"Pool","pool":{"services":[{"id":"{{Service.ToUpperInvariant()}}/backends/one","weight":3,"priority":1},{"id":"/backends/two"}],
             "sessionAffinity":{"sessionId":{"source":"Cookie","name":"SessionId"} },"failureResponse":{"statusCode":429} } }
            """);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_pool_comes_with_its_members_and_nobody_else()
    {
        Assert.Empty(await BackendsAsync());

        await PutPolicyAsync("""<set-backend-service backend-id="pool" />""");
        var backends = await BackendsAsync();

        Assert.Equal(["one", "pool", "two"], backends.Keys.Order());
        var pool = backends["pool"].Pool!;
        Assert.Equal([("one", 3, 1), ("two", null, null)], pool.Members.Select(member => (member.BackendId, member.Weight, member.Priority)));
        Assert.Equal(("SessionId", 429), (pool.SessionCookie, pool.FailureStatus));
    }

    [Fact]
    public async Task A_computed_id_brings_them_all()
    {
        await PutPolicyAsync("""<set-backend-service backend-id="@(context.Variables.GetValueOrDefault(&quot;x&quot;, &quot;one&quot;))" />""");

        Assert.Equal(["one", "other", "pool", "two"], (await BackendsAsync()).Keys.Order());
    }

    [Fact]
    public async Task Everything_that_a_gateway_needs_of_a_backend_reaches_it()
    {
        await PutAsync("namedValues/h", """{"displayName":"proxy-host","value":"proxy.example"}""");
        await PutAsync("backends/one", $$$"""
            {"url":"https://one.example","protocol":"http","azureRegion":"westeurope",
             "proxy":{"url":"http://{{proxy-host}}:8080","username":"Contoso\\admin","password":"secret"},
             "credentials":{"certificateIds":["{{{Service}}}/certificates/client"],"certificate":["0000000000000000000000000000000000000000"]},
             "tls":{"validateCertificateName":false,"serverCertificateThumbprints":["1111111111111111111111111111111111111111"],"serverX509Names":[{"name":"one","issuerCertificateThumbprint":"2222222222222222222222222222222222222222"}]},
             "circuitBreaker":{"rules":[{"name":"r","tripDuration":"PT1M30S","acceptRetryAfter":true,"failureResponse":{"statusCode":429},
               "failureCondition":{"count":3,"percentage":12.5,"interval":"PT1H","errorReasons":["Timeout"],"statusCodeRanges":[{"min":429,"max":429}]} }]} }
            """);
        await PutPolicyAsync("""<set-backend-service backend-id="one" />""");

        var backend = (await BackendsAsync())["one"];

        Assert.Equal("westeurope", backend.AzureRegion);
        Assert.Equal(new("http://proxy.example:8080", "Contoso\\admin", "secret"), backend.Proxy);
        Assert.Equal(["client"], backend.CertificateIds!);
        Assert.Null(backend.CertificateThumbprints);
        Assert.Equal(["1111111111111111111111111111111111111111"], backend.Pins!.Thumbprints);
        Assert.Equal([new("one", "2222222222222222222222222222222222222222")], backend.Pins.Names);
        var rule = Assert.Single(backend.CircuitRules!);
        Assert.Equal((3, 12.5, TimeSpan.FromHours(1), TimeSpan.FromSeconds(90), true, 429), (rule.Count, rule.Percentage, rule.Interval, rule.TripDuration, rule.AcceptRetryAfter, rule.FailureStatus));
        Assert.Equal([new(429, 429)], rule.Statuses);
        Assert.Equal(["Timeout"], rule.Reasons);
    }

    [Fact]
    public async Task What_the_gateway_reads_back_is_the_same_to_the_hash()
    {
        await PutPolicyAsync("""<set-backend-service backend-id="pool" />""");

        foreach (var backend in (await BackendsAsync()).Values)
        {
            var json = System.Text.Json.JsonSerializer.Serialize<SnapshotEntity>(backend, SnapshotJson.Default.SnapshotEntity);
            var read = System.Text.Json.JsonSerializer.Deserialize(json, SnapshotJson.Default.SnapshotEntity)!;
            Assert.Equal(SnapshotHash.Of(backend), SnapshotHash.Of(read));
        }
    }

    private async Task<Dictionary<string, BackendSnapshot>> BackendsAsync()
    {
        return (await _service.CurrentAsync()).Entities.OfType<BackendSnapshot>().ToDictionary(backend => backend.Id);
    }

    private Task PutPolicyAsync(string inbound) => PutAsync(
        "apis/echo/policies/policy", new JsonObject { ["format"] = "rawxml", ["value"] = $"<policies><inbound>{inbound}</inbound><backend /><outbound /><on-error /></policies>" }.ToJsonString());

    private Task PutAsync(string path, string properties) => _service.PutAsync(path, JsonNode.Parse(properties)!.AsObject());
}
