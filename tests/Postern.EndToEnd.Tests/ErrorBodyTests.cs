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
    public async Task Probes_answer_200_with_an_empty_body()
    {
        foreach (var path in (string[])["/status-0123456789abcdef", "/internal-status-0123456789abcdef"])
        {
            var answer = await system.CallAsync(path, key: null, gateway: system["GATEWAY_HTTP_URL"]);
            Assert.Equal((200, ""), (answer.Status, answer.Body));
        }
    }
}
