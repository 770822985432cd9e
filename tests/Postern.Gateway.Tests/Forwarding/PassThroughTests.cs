using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>SOAP and GraphQL as they are imported: the backend speaks them, the gateway routes, authorizes and applies policies.</summary>
public sealed class PassThroughTests
{
    private static readonly OperationSnapshot[] SoapOperations =
    [
        new("add", "Add", "POST", "/?soapAction=http://tempuri.org/Add"),
        new("subtract", "Subtract", "POST", "/?soapAction=http://tempuri.org/Subtract"),
    ];

    [Theory]
    [InlineData("text/xml; charset=utf-8", "\"http://tempuri.org/Add\"", "", "Add")]
    [InlineData("text/xml", "http://tempuri.org/Subtract", "?x=1", "Subtract")]
    [InlineData("application/soap+xml; charset=utf-8; action=\"http://tempuri.org/Subtract\"", null, "", "Subtract")]
    [InlineData("text/xml", null, "?soapAction=http://tempuri.org/Add", "Add")]
    public async Task The_action_of_a_SOAP_message_chooses_the_operation(string contentType, string? action, string query, string operation)
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.QueryString} {context.Request.Headers["SOAPAction"]} {await reader.ReadToEndAsync()}");
        });
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("calc", "calc", backend.Address.ToString()) with { Type = "soap", Operations = SoapOperations },
            Entities.Policy("apis/calc", "<policies><inbound /><backend><forward-request /></backend><outbound><set-header name=\"X-Operation\"><value>@(context.Operation.Name)</value></set-header></outbound><on-error /></policies>"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/calc" + query) { Content = new StringContent("<Envelope />", Encoding.UTF8) };
        request.Content.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        if (action is not null)
        {
            request.Headers.TryAddWithoutValidation("SOAPAction", action);
        }

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal(operation, response.Headers.GetValues("X-Operation").Single());
        Assert.Equal($"{query} {action} <Envelope />", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("\"http://tempuri.org/Divide\"")]
    [InlineData("\"http://tempuri.org/Add&soapAction=http://tempuri.org/Subtract\"")]
    [InlineData("")]
    public async Task An_action_that_is_no_operation_matches_none(string action)
    {
        await using var gateway = await TestGateway.StartAsync(Entities.Api("calc", "calc", "http://127.0.0.1:1") with { Type = "soap", Operations = SoapOperations });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/calc") { Content = new StringContent("<Envelope />", Encoding.UTF8, "text/xml") };
        request.Headers.TryAddWithoutValidation("SOAPAction", action);

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_GraphQL_API_takes_queries_at_its_address_and_nowhere_else()
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {await reader.ReadToEndAsync()}");
        });
        await using var gateway = await TestGateway.StartAsync(Entities.Api("graph", "graph", backend.Address + "graphql") with { Type = "graphql", Operations = [] });

        using var post = new HttpRequestMessage(HttpMethod.Post, "/graph") { Content = new StringContent("{\"query\":\"{ a }\"}", Encoding.UTF8, "application/json") };
        using var posted = await gateway.Client.SendAsync(post);
        using var got = await gateway.GetAsync("/graph?query=%7Ba%7D");
        using var elsewhere = await gateway.GetAsync("/graph/x");

        Assert.Equal("POST /graphql {\"query\":\"{ a }\"}", await posted.Content.ReadAsStringAsync());
        Assert.Equal("GET /graphql?query=%7Ba%7D ", await got.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }
}
