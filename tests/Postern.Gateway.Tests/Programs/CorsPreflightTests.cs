using System.Net;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Programs;

public sealed class CorsPreflightTests
{
    private const string Cors = """<cors><allowed-origins><origin>https://shop.example</origin></allowed-origins><allowed-methods><method>PUT</method></allowed-methods><allowed-headers><header>*</header></allowed-headers></cors>""";

    [Fact]
    public async Task A_preflight_is_answered_without_key_other_policies_or_backend()
    {
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("shop", "shop", "http://backend.invalid/", subscriptionRequired: true, operations: ["PUT /orders/{id}"]),
            Policies($"""<set-header name="X-Other"><value>@(context.Request.Headers["none"][0])</value></set-header>{Cors}"""));

        using var answer = await PreflightAsync(gateway, "https://shop.example", "PUT", "/shop/orders/1");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("https://shop.example", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("x-mine", answer.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.Equal("", await answer.Content.ReadAsStringAsync());
        Assert.False(answer.Headers.Contains("X-Other"));
    }

    [Fact]
    public async Task A_preflight_from_elsewhere_gets_an_answer_that_allows_nothing()
    {
        await using var gateway = await TestGateway.StartAsync(Entities.Api("shop", "shop", subscriptionRequired: true, operations: ["PUT /orders"]), Policies(Cors));

        using var answer = await PreflightAsync(gateway, "https://evil.example", "PUT", "/shop/orders");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("/shop/orders?subscription-key=gold-primary", HttpStatusCode.OK)]
    [InlineData("/shop/orders?subscription-key=wrong", HttpStatusCode.NotFound)]
    [InlineData("/shop/orders", HttpStatusCode.NotFound)]
    public async Task A_key_in_the_query_brings_the_policies_of_its_product(string path, HttpStatusCode expected)
    {
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("shop", "shop", subscriptionRequired: true, operations: ["PUT /orders"]),
            Entities.Product("gold", true, "shop"),
            Entities.Subscription("gold", "products/gold"),
            Entities.Policy("products/gold", $"<policies><inbound>{Cors}</inbound></policies>"));

        using var answer = await PreflightAsync(gateway, "https://shop.example", "PUT", path);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK, answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("", "PUT", "/shop/orders")]
    [InlineData(Cors, "DELETE", "/shop/orders")]
    [InlineData(Cors, "PUT", "/shop/nothing")]
    public async Task Without_cors_policy_or_operation_it_is_as_any_other_request(string policies, string method, string path)
    {
        await using var gateway = await TestGateway.StartAsync(Entities.Api("shop", "shop", operations: ["PUT /orders"]), Policies(policies));

        using var answer = await PreflightAsync(gateway, "https://shop.example", method, path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("{ \"statusCode\": 404, \"message\": \"Resource not found\" }", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_operation_that_takes_OPTIONS_is_called_as_such()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync(context.Request.Method));
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("shop", "shop", backend.Address.ToString(), operations: ["PUT /orders", "OPTIONS /orders"]), Policies(""));

        using var answer = await PreflightAsync(gateway, "https://shop.example", "PUT", "/shop/orders");

        Assert.Equal("OPTIONS", await answer.Content.ReadAsStringAsync());
    }

    private static Snapshots.PolicySnapshot Policies(string inbound) =>
        Entities.Policy("apis/shop", $"<policies><inbound>{inbound}</inbound><backend><base /></backend><outbound /><on-error><base /></on-error></policies>");

    private static async Task<HttpResponseMessage> PreflightAsync(TestGateway gateway, string origin, string method, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", "x-mine");
        return await gateway.Client.SendAsync(request);
    }
}
