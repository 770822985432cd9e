using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>External caches: a connection string that gateways can't use is refused when it is saved.</summary>
public sealed class CacheTests(RunningControlPlane plane)
{
    [Theory]
    [InlineData("password=x", "endpoint")]
    [InlineData("redis.example:6380,pasword=topsecret", "'pasword' is not known")]
    [InlineData("redis.example:6380,password=a,topsecret=1", "passwords can't hold commas")]
    [InlineData("redis.example,serviceName=mymaster", "'serviceName' is not supported")]
    [InlineData("redis.example,ssl=perhaps", "'ssl'")]
    [InlineData("redis://me:topsecret@redis.example", "host:port")]
    [InlineData("{{no-such-value}}", "no named value 'no-such-value'")]
    [InlineData("{{broken}}", "'defaultDatabase'")]
    public async Task A_connection_string_that_gateways_can_not_use_is_refused_without_its_values(string text, string said)
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/namedValues/broken", new() { ["displayName"] = "broken", ["secret"] = true, ["value"] = "redis.example,defaultDatabase=topsecret" });

        var (status, body) = await plane.PutAsync($"{service}/caches/default", Cache(text));

        Assert.Equal((400, "ValidationError"), (status, (string?)body["error"]!["code"]));
        var detail = Assert.Single(body["error"]!["details"]!.AsArray())!;
        Assert.Equal("connectionString", (string?)detail["target"]);
        Assert.Contains(said, (string?)detail["message"], StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(404, (await plane.GetAsync($"{service}/caches/default")).Status);
    }

    [Fact]
    public async Task A_connection_string_is_kept_as_a_named_value_and_the_answer_can_be_sent_back()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/namedValues/own", new() { ["displayName"] = "own", ["secret"] = true, ["value"] = "one.example,two.example:7000,ssl=true" });
        await plane.PutPropertiesAsync($"{service}/namedValues/vault", new() { ["displayName"] = "vault", ["keyVault"] = new JsonObject { ["secretIdentifier"] = "https://vault.example/secrets/redis" } });

        var (made, shown) = await plane.PutAsync($"{service}/caches/default", Cache("redis.example:6380,password=c2VjcmV0=,ssl=True,abortConnect=False"));
        var (again, _) = await plane.PutAsync($"{service}/caches/default", (JsonObject)shown.DeepClone());
        var (patched, _) = await plane.SendAsync(HttpMethod.Patch, $"{service}/caches/default", new() { ["properties"] = new JsonObject { ["description"] = "x" } }, "*");
        var (own, _) = await plane.PutAsync($"{service}/caches/westus", Cache("{{own}}"));
        var (vault, _) = await plane.PutAsync($"{service}/caches/eastus", Cache("{{vault}}"));

        Assert.Equal((201, 200, 200, 201, 201), (made, again, patched, own, vault));
        Assert.Equal("{{Cache-default}}", (string?)shown["properties"]!["connectionString"]);
    }

    private static JsonObject Cache(string connectionString) =>
        new() { ["properties"] = new JsonObject { ["connectionString"] = connectionString, ["useFromLocation"] = "default" } };
}
