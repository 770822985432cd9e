using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Tests.Conformance;
using Postern.Testing;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>Calls that are answered before they are done, and how their callers learn the end.</summary>
public sealed class LongRunningTests(RunningControlPlane plane, DefinitionHost definitions) : IClassFixture<DefinitionHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_import_from_a_slow_link_goes_on_after_its_answer_and_can_be_followed_to_its_end()
    {
        var service = await plane.CreateServiceAsync();
        using var accepted = await StartAsync($"{service}/apis/slow", "slow.yaml");

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal("", await accepted.Content.ReadAsStringAsync(Cancellation));
        Assert.True(accepted.Headers.RetryAfter!.Delta <= TimeSpan.FromSeconds(10));
        var status = accepted.Headers.GetValues("Azure-AsyncOperation").Single();
        var result = accepted.Headers.Location!;
        Assert.StartsWith($"{plane.Address.AbsoluteUri.TrimEnd('/')}{service}/tenant/operationResults/", status, StringComparison.Ordinal);
        Assert.Contains($"{service}/apis/slow?", result.AbsoluteUri, StringComparison.Ordinal);

        Assert.Equal("InProgress", (string)(await GetAsync(status)).Body["status"]!);
        Assert.Equal(202, (await GetAsync(result.AbsoluteUri)).Status);
        Assert.Equal(404, (await plane.GetAsync($"{service}/apis/slow")).Status);
        await ExamplesHoldAsync(status, whileRunning: true);
        using (var stranger = await plane.Nobody.GetAsync(status, Cancellation))
        {
            Assert.Equal(HttpStatusCode.Forbidden, stranger.StatusCode);
        }

        definitions.Slow.SetResult();
        await Until.TrueAsync("the operation ends", async () => (string)(await GetAsync(status)).Body["status"]! == "Succeeded");

        var (code, api) = await GetAsync(result.AbsoluteUri);
        Assert.Equal((201, "Swagger Petstore"), (code, (string)api["properties"]!["displayName"]!));
        Assert.Equal(1, (int)(await plane.GetAsync($"{service}/apis/slow/operations")).Body["count"]!);
        var ended = (await GetAsync(status)).Body;
        Assert.Equal(100, (int)ended["percentComplete"]!);
        Assert.NotNull(ended["endTime"]);
        await ExamplesHoldAsync(status, whileRunning: false);
    }

    [Fact]
    public async Task An_operation_that_fails_says_so_in_both_places()
    {
        var service = await plane.CreateServiceAsync();
        using var accepted = await StartAsync($"{service}/apis/gone", "no-such-file.yaml");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var status = accepted.Headers.GetValues("Azure-AsyncOperation").Single();

        await Until.TrueAsync("the operation ends", async () => (string)(await GetAsync(status)).Body["status"]! == "Failed");

        Assert.Equal("ValidationError", (string)(await GetAsync(status)).Body["error"]!["code"]!);
        var (code, body) = await GetAsync(accepted.Headers.Location!.AbsoluteUri);
        Assert.Equal((400, "ValidationError"), (code, (string)body["error"]!["code"]!));
        Assert.Equal(404, (await plane.GetAsync($"{service}/apis/gone")).Status);
    }

    [Theory]
    [InlineData("namedValues/x", "PUT", 201)]
    [InlineData("users/x", "DELETE", 204)]
    [InlineData("", "PATCH", 200)]
    public async Task Whoever_does_not_want_to_wait_need_not(string path, string method, int code)
    {
        var id = $"{await plane.CreateServiceAsync()}/{path}".TrimEnd('/');
        if (method == "DELETE")
        {
            await plane.PutPropertiesAsync(id, new() { ["email"] = "x@contoso.example", ["firstName"] = "x", ["lastName"] = "y" });
        }

        var body = path.Length == 0 ? "{\"tags\":{\"a\":\"b\"}}" : "{\"properties\":{\"displayName\":\"x\",\"value\":\"y\"}}";
        using var accepted = await SendAsync(new(method), id, method == "DELETE" ? "" : body, "respond-async");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);

        var result = accepted.Headers.Location!.AbsoluteUri;
        await Until.TrueAsync("the operation ends", async () => (await GetAsync(accepted.Headers.GetValues("Azure-AsyncOperation").Single())).Body["status"]!.ToString() == "Succeeded");
        Assert.Equal(code, (await GetAsync(result)).Status);
    }

    [Fact]
    public async Task A_call_that_is_done_in_time_is_answered_as_ever()
    {
        var service = await plane.CreateServiceAsync();

        using var waiting = await SendAsync(HttpMethod.Put, $"{service}/namedValues/x", "{\"properties\":{\"displayName\":\"x\",\"value\":\"y\"}}", "respond-async, wait=30");
        using var plain = await SendAsync(HttpMethod.Put, $"{service}/namedValues/x", "{\"properties\":{\"displayName\":\"x\",\"value\":\"y\"}}", null);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (waiting.StatusCode, plain.StatusCode));
        Assert.False(plain.Headers.Contains("Azure-AsyncOperation"));
    }

    [Theory]
    [InlineData("/tenant/operationResults/8b0d1f0e6b9f4d0f8a3c2a7b9d4f1e22")]
    [InlineData("/tenant/operationResults/no-id")]
    [InlineData("/operationresults/%00")]
    public async Task An_operation_that_there_is_not_is_not_found(string path) =>
        Assert.InRange((await plane.GetAsync(await plane.CreateServiceAsync() + path)).Status, 400, 404);

    /// <summary>GetOperationStatus and GetOperationResult of the official examples.</summary>
    private async Task ExamplesHoldAsync(string status, bool whileRunning)
    {
        var name = new Uri(status).Segments[^1];
        var below = $"/subscriptions/{RunningControlPlane.SubscriptionId}/providers/Microsoft.ApiManagement/locations/westus2";
        var shown = await plane.GetAsync($"{below}/operationStatuses/{name}");
        Assert.Equal((200, whileRunning ? "InProgress" : "Succeeded"), (shown.Status, (string)shown.Body["status"]!));
        using var result = await plane.RespondAsync(HttpMethod.Get, $"{below}/operationResults/{name}");
        Assert.Equal(whileRunning ? HttpStatusCode.Accepted : HttpStatusCode.OK, result.StatusCode);
        Assert.Equal(whileRunning, result.Headers.Location?.AbsoluteUri.Contains($"{below}/operationResults/{name}", StringComparison.Ordinal) == true);
    }

    private Task<HttpResponseMessage> StartAsync(string id, string document) => SendAsync(
        HttpMethod.Put,
        id,
        new JsonObject { ["properties"] = new JsonObject { ["path"] = "slow", ["format"] = "openapi-link", ["value"] = new Uri(definitions.Address, document).AbsoluteUri } }.ToJsonString(),
        "respond-async");

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string id, string body, string? prefer)
    {
        using var request = new HttpRequestMessage(method, $"{id}?api-version=2024-05-01") { Content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        if (prefer is not null)
        {
            request.Headers.TryAddWithoutValidation("Prefer", prefer);
        }

        return await plane.Owner.SendAsync(request, Cancellation);
    }

    private async Task<(int Status, JsonObject Body)> GetAsync(string address)
    {
        using var response = await plane.Owner.GetAsync(address, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        return ((int)response.StatusCode, text.Length == 0 ? [] : (JsonObject)JsonNode.Parse(text)!);
    }
}
