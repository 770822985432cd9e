using System.Net;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Subscriptions;

/// <summary>The decision table of the article on subscriptions, row by row, through a real gateway.</summary>
public sealed class SubscriptionTests : IAsyncLifetime
{
    private TestBackend _backend = null!;
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _backend = await TestBackend.StartAsync(context => context.Response.WriteAsync($"{context.Request.Headers["Ocp-Apim-Subscription-Key"]}|{context.Request.QueryString}"));
        var address = _backend.Address.ToString();
        _gateway = await TestGateway.StartAsync(
            Entities.Api("closed", "closed", address, subscriptionRequired: true),
            Entities.Api("open", "open", address, subscriptionRequired: true),
            Entities.Api("free", "free", address),
            Entities.Api("renamed", "renamed", address, subscriptionRequired: true) with { KeyHeader = "X-Key" },
            Entities.Product("gold", true, "closed", "open"),
            Entities.Product("starter", false, "open"),
            Entities.Subscription("all", "all"),
            Entities.Subscription("apis", "apis"),
            Entities.Subscription("closed-only", "apis/closed"),
            Entities.Subscription("free-only", "apis/free"),
            Entities.Subscription("gold", "products/gold"),
            Entities.Subscription("gone", "products/gold", "cancelled"),
            Entities.Subscription("held", "all", "suspended"));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Theory]
    [InlineData("closed", "all-primary", 200)]
    [InlineData("closed", "all-secondary", 200)]
    [InlineData("closed", "apis-primary", 200)]
    [InlineData("closed", "closed-only-primary", 200)]
    [InlineData("closed", "gold-primary", 200)]
    [InlineData("closed", "free-only-primary", 401)]
    [InlineData("closed", "gone-primary", 401)]
    [InlineData("closed", "held-primary", 401)]
    [InlineData("closed", "nonsense", 401)]
    [InlineData("closed", "", 401)]
    [InlineData("closed", null, 401)]
    [InlineData("open", "gold-primary", 200)]
    [InlineData("open", "free-only-primary", 200)]
    [InlineData("open", "nonsense", 200)]
    [InlineData("open", null, 200)]
    [InlineData("free", "nonsense", 200)]
    [InlineData("free", "gold-primary", 200)]
    [InlineData("free", null, 200)]
    public async Task A_key_decides_as_documented(string api, string? key, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/{api}/x");
        if (key is not null)
        {
            request.Headers.Add("Ocp-Apim-Subscription-Key", key);
        }

        using var response = await _gateway.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_missing_key_is_answered_byte_for_byte()
    {
        using var response = await _gateway.GetAsync("/closed/x");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(
            "{ \"statusCode\": 401, \"message\": \"Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.\" }",
            await response.Content.ReadAsStringAsync());
        Assert.Equal(152, response.Content.Headers.ContentLength);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            $"AzureApiManagementKey realm=\"https://{_gateway.Server.HttpAddress.Authority}/closed\",name=\"Ocp-Apim-Subscription-Key\",type=\"header\"",
            response.Headers.GetValues("WWW-Authenticate").Single());
    }

    [Fact]
    public async Task A_wrong_key_is_answered_byte_for_byte()
    {
        using var response = await _gateway.GetAsync("/renamed/x?subscription-key=wrong");

        Assert.Equal(
            "{ \"statusCode\": 401, \"message\": \"Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.\" }",
            await response.Content.ReadAsStringAsync());
        Assert.Equal(143, response.Content.Headers.ContentLength);
        Assert.Contains("name=\"X-Key\"", response.Headers.GetValues("WWW-Authenticate").Single());
    }

    [Fact]
    public async Task The_query_is_looked_at_only_when_the_header_is_absent_and_the_key_is_passed_on()
    {
        using var byQuery = await _gateway.GetAsync("/closed/x?subscription-key=all-primary&y=1");
        Assert.Equal("|?subscription-key=all-primary&y=1", await byQuery.Content.ReadAsStringAsync());

        using var both = new HttpRequestMessage(HttpMethod.Get, "/closed/x?subscription-key=all-primary");
        both.Headers.Add("Ocp-Apim-Subscription-Key", "nonsense");
        using var refused = await _gateway.Client.SendAsync(both);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task What_matches_nothing_is_answered_byte_for_byte()
    {
        using var response = await _gateway.GetAsync("/nowhere");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("{ \"statusCode\": 404, \"message\": \"Resource not found\" }", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_key_that_was_regenerated_is_refused_and_the_new_one_accepted()
    {
        _gateway.Configuration.Put(Entities.Subscription("all", "all") with { PrimaryKey = "fresh" });
        await Until.TrueAsync(async () =>
        {
            using var response = await _gateway.GetAsync("/closed/x?subscription-key=fresh");
            return response.StatusCode == HttpStatusCode.OK;
        });

        using var old = await _gateway.GetAsync("/closed/x?subscription-key=all-primary");
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
    }
}
