using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>Backends: what is refused and why, and what is kept.</summary>
public sealed class BackendTests(RunningControlPlane plane)
{
    [Fact]
    public async Task The_documented_pool_and_circuit_breaker_are_taken_as_they_are_published()
    {
        var service = await plane.CreateServiceAsync();
        foreach (var name in (string[])["backend-1", "backend-2"])
        {
            await plane.PutPropertiesAsync($"{service}/backends/{name}", Properties("""
                {"url":"https://mybackend.example","protocol":"http","circuitBreaker":{"rules":[{"failureCondition":{"count":"3","errorReasons":["Server errors"],
                 "interval":"PT1H","statusCodeRanges":[{"min":"500","max":"599"}]},"name":"myBreakerRule","tripDuration":"PT1H","acceptRetryAfter":true}]}}
                """));
        }

        await plane.PutPropertiesAsync($"{service}/backends/pool", Properties($$$"""
            {"description":"Load balancer for multiple backends","type":"Pool","pool":{"services":[
              {"id":"{{{service}}}/backends/backend-1","priority":"1","weight":"3"},{"id":"/backends/backend-2","priority":1,"weight":1}],
              "sessionAffinity":{"sessionId":{"source":"Cookie","name":"SessionId"} },"failureResponse":{"statusCode":429} } }
            """));

        var (_, rule) = await plane.GetAsync($"{service}/backends/backend-1");
        Assert.Equal(3, (int)rule["properties"]!["circuitBreaker"]!["rules"]![0]!["failureCondition"]!["count"]!);
        var (_, pool) = await plane.GetAsync($"{service}/backends/pool");
        Assert.Equal(3, (int)pool["properties"]!["pool"]!["services"]![0]!["weight"]!);
    }

    [Theory]
    [InlineData("""{"protocol":"http"}""", "url")]
    [InlineData("""{"url":"https://b.example"}""", "protocol")]
    [InlineData("""{"url":"nowhere","protocol":"http"}""", "url")]
    [InlineData("""{"url":"https://b.example","protocol":"http","proxy":{"url":"https://proxy:1"}}""", "proxy.url")]
    [InlineData("""{"url":"https://b.example","protocol":"http","credentials":{"certificateIds":["/certificates/none"]}}""", "credentials.certificateIds")]
    [InlineData("""{"url":"https://b.example","protocol":"http","tls":{"serverCertificateThumbprints":["abc"]}}""", "tls.serverCertificateThumbprints[0]")]
    [InlineData("""{"url":"https://b.example","protocol":"http","tls":{"serverX509Names":[{"issuerCertificateThumbprint":"0000000000000000000000000000000000000000"}]}}""", "tls.serverX509Names[0].name")]
    [InlineData("""{"url":"https://b.example","protocol":"http","circuitBreaker":{"rules":[{"tripDuration":"PT1M"}]}}""", "circuitBreaker.rules[0].failureCondition")]
    [InlineData("""{"url":"https://b.example","protocol":"http","circuitBreaker":{"rules":[{"tripDuration":"1 minute","failureCondition":{"interval":"PT1M","count":1}}]}}""", "circuitBreaker.rules[0].tripDuration")]
    [InlineData("""{"url":"https://b.example","protocol":"http","circuitBreaker":{"rules":[{"tripDuration":"PT1M","failureCondition":{"interval":"PT0S","count":1}}]}}""", "circuitBreaker.rules[0].failureCondition.interval")]
    [InlineData("""{"url":"https://b.example","protocol":"http","circuitBreaker":{"rules":[{"tripDuration":"PT1M","failureCondition":{"interval":"PT1M"}}]}}""", "circuitBreaker.rules[0].failureCondition")]
    [InlineData("""{"url":"https://b.example","protocol":"http","circuitBreaker":{"rules":[{"tripDuration":"PT1M","failureCondition":{"interval":"PT1M","count":0}}]}}""", "circuitBreaker.rules[0].failureCondition.count")]
    [InlineData("""{"url":"https://b.example","protocol":"http","circuitBreaker":{"rules":[{"tripDuration":"PT1M","failureCondition":{"interval":"PT1M","percentage":101}}]}}""", "circuitBreaker.rules[0].failureCondition.percentage")]
    [InlineData("""{"url":"https://b.example","protocol":"http","circuitBreaker":{"rules":[{"tripDuration":"PT1M","failureCondition":{"interval":"PT1M","count":1,"statusCodeRanges":[{"min":599,"max":500}]}}]}}""", "circuitBreaker.rules[0].failureCondition.statusCodeRanges[0]")]
    [InlineData("""{"url":"https://b.example","protocol":"http","circuitBreaker":{"rules":[{"tripDuration":"PT1M","failureResponse":{"statusCode":99},"failureCondition":{"interval":"PT1M","count":1}}]}}""", "circuitBreaker.rules[0].failureResponse.statusCode")]
    [InlineData("""{"type":"Pool"}""", "pool.services")]
    [InlineData("""{"type":"Pool","pool":{"services":[]}}""", "pool.services")]
    [InlineData("""{"type":"Pool","pool":{"services":[{"id":"/backends/nobody"}]}}""", "pool.services[0].id")]
    [InlineData("""{"type":"Pool","pool":{"services":[{"id":"/backends/pool"}]}}""", "pool.services[0].id")]
    [InlineData("""{"type":"Pool","pool":{"services":[{"id":"/backends/x"}]}}""", "pool.services[0].id")]
    [InlineData("""{"type":"Pool","pool":{"services":[{"id":"/backends/single"},{"id":"/backends/SINGLE"}]}}""", "pool.services[1].id")]
    [InlineData("""{"type":"Pool","pool":{"services":[{"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/other/backends/single"}]}}""", "pool.services[0].id")]
    [InlineData("""{"type":"Pool","pool":{"services":[{"id":"/backends/single","weight":101}]}}""", "pool.services[0].weight")]
    [InlineData("""{"type":"Pool","pool":{"services":[{"id":"/backends/single","priority":0.5}]}}""", "pool.services[0].priority")]
    [InlineData("""{"type":"Pool","pool":{"services":[{"id":"/backends/single"}],"sessionAffinity":{"sessionId":{"source":"Header","name":"x"}}}}""", "pool.sessionAffinity.sessionId.source")]
    [InlineData("""{"type":"Pool","pool":{"services":[{"id":"/backends/single"}],"sessionAffinity":{"sessionId":{"source":"Cookie","name":"a=b;"}}}}""", "pool.sessionAffinity.sessionId.name")]
    [InlineData("""{"type":"Pool","pool":{"services":[{"id":"/backends/single"}]},"circuitBreaker":{"rules":[{"tripDuration":"PT1M","failureCondition":{"interval":"PT1M","count":1}}]}}""", "circuitBreaker")]
    public async Task What_is_wrong_is_named(string properties, string target)
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/backends/single", Properties("""{"url":"https://b.example","protocol":"http"}"""));
        await plane.PutPropertiesAsync($"{service}/backends/pool", Properties("""{"type":"Pool","pool":{"services":[{"id":"/backends/single"}]}}"""));

        var (status, body) = await plane.SendAsync(HttpMethod.Put, $"{service}/backends/x", new() { ["properties"] = Properties(properties) });

        Assert.Equal(400, status);
        Assert.Equal("ValidationError", (string?)body!["error"]!["code"]);
        Assert.Contains(body["error"]!["details"]!.AsArray(), detail => (string?)detail!["target"] == target);
    }

    [Fact]
    public async Task A_member_of_a_pool_stays_a_single_backend_until_the_pool_lets_it_go()
    {
        var service = await plane.CreateServiceAsync();
        foreach (var name in (string[])["a", "b"])
        {
            await plane.PutPropertiesAsync($"{service}/backends/{name}", Properties("""{"url":"https://b.example","protocol":"http"}"""));
        }

        await plane.PutPropertiesAsync($"{service}/backends/pool", Properties("""{"type":"Pool","pool":{"services":[{"id":"/backends/a"}]}}"""));

        var (deleted, refusal) = await plane.SendAsync(HttpMethod.Delete, $"{service}/backends/a", ifMatch: "*");
        Assert.Equal(400, deleted);
        Assert.Contains("'pool'", (string?)refusal!["error"]!["message"], StringComparison.Ordinal);
        var (changed, _) = await plane.SendAsync(HttpMethod.Put, $"{service}/backends/a", new() { ["properties"] = Properties("""{"type":"Pool","pool":{"services":[{"id":"/backends/b"}]}}""") });
        Assert.Equal(400, changed);

        Assert.Equal(200, (await plane.SendAsync(HttpMethod.Delete, $"{service}/backends/pool", ifMatch: "*")).Status);
        Assert.Equal(200, (await plane.SendAsync(HttpMethod.Delete, $"{service}/backends/a", ifMatch: "*")).Status);
    }

    private static JsonObject Properties(string json) => JsonNode.Parse(json)!.AsObject();
}
