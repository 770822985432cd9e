namespace Postern.EndToEnd.Tests;

/// <summary>Built-in errors, byte for byte as the product sends them.</summary>
public sealed class ErrorBodyTests(RunningSystem system)
{
    [Fact]
    public async Task A_missing_key()
    {
        var answer = await system.CallAsync("/sales/orders/17", key: null);
        Assert.Equal(401, answer.Status);
        Assert.Equal("{ \"statusCode\": 401, \"message\": \"Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.\" }", answer.Body);
        Assert.Equal("152", answer.Headers["Content-Length"]);
        Assert.Equal("application/json", answer.Headers["Content-Type"]);
        Assert.Equal($"AzureApiManagementKey realm=\"{system["GATEWAY_URL"]}/sales\",name=\"Ocp-Apim-Subscription-Key\",type=\"header\"", answer.Headers["WWW-Authenticate"]);
    }

    [Fact]
    public async Task An_invalid_key()
    {
        var answer = await system.CallAsync("/sales/orders/17", key: "nobody");
        Assert.Equal(401, answer.Status);
        Assert.Equal("{ \"statusCode\": 401, \"message\": \"Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.\" }", answer.Body);
        Assert.Equal("143", answer.Headers["Content-Length"]);
        Assert.Contains("AzureApiManagementKey realm=", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nothing/here")]
    [InlineData("/sales/nothing")]
    [InlineData("/")]
    public async Task No_operation_matches(string path)
    {
        var answer = await system.CallAsync(path);
        Assert.Equal(404, answer.Status);
        Assert.Equal("{ \"statusCode\": 404, \"message\": \"Resource not found\" }", answer.Body);
    }

    [Fact]
    public async Task The_rate_limit_is_exceeded()
    {
        await MadeAsync("products/scarce", new() { ["displayName"] = "Scarce", ["subscriptionRequired"] = true, ["state"] = "published" });
        await MadeAsync("products/scarce/apis/orders", null);
        await MadeAsync("products/scarce/policies/policy", new()
        {
            ["format"] = "rawxml",
            ["value"] = "<policies><inbound><base /><rate-limit calls=\"2\" renewal-period=\"300\" /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>",
        });
        await MadeAsync("subscriptions/scarce", new() { ["displayName"] = "Scarce", ["scope"] = $"{system.Service}/products/scarce", ["state"] = "active", ["primaryKey"] = "scarce-key-of-the-rate-limit-test" });
        await Postern.Testing.Until.TrueAsync("the new key is known", async () => (await system.CallAsync("/sales/orders/1", key: "scarce-key-of-the-rate-limit-test")).Status != 401);
        Answer answer;
        var calls = 1;
        do
        {
            answer = await system.CallAsync("/sales/orders/1", key: "scarce-key-of-the-rate-limit-test");
        }
        while (answer.Status == 200 && ++calls < 5);

        Assert.Equal(2, calls);
        Assert.Equal(429, answer.Status);
        var seconds = int.Parse(answer.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 1, 300);
        Assert.Equal($"{{ \"statusCode\": 429, \"message\": \"Rate limit is exceeded. Try again in {seconds} seconds.\" }}", answer.Body);
        Assert.Equal("application/json", answer.Headers["Content-Type"]);
    }

    private async Task MadeAsync(string path, System.Text.Json.Nodes.JsonObject? properties)
    {
        var body = properties is null ? null : new System.Text.Json.Nodes.JsonObject { ["properties"] = properties };
        var answer = await system.ArmAsync(HttpMethod.Put, $"{system.Service}/{path}", body);
        Assert.True(answer.Status is 200 or 201, $"{path}: {answer.Status} {answer.Body}");
    }

    [Fact]
    public async Task Probes_answer_200_with_an_empty_body()
    {
        foreach (var path in (string[])["/status-0123456789abcdef", "/internal-status-0123456789abcdef"])
        {
            var answer = await system.CallAsync(path, key: null, gateway: system["GATEWAY_HTTP_URL"]);
            Assert.Equal((200, ""), (answer.Status, answer.Body));
        }
    }
}
