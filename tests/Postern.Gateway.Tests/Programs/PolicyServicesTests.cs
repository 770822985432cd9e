using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Hosting;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Programs;

/// <summary>What policies ask of the gateway that runs them: descriptions, schemas, loggers, metrics, its identity.</summary>
public sealed class PolicyServicesTests
{
    private const string OpenApi = "application/vnd.oai.openapi.components+json";

    [Fact]
    public async Task Mock_response_answers_with_the_example_of_the_definition()
    {
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("shop", "shop", operations: ["GET /orders/{id}"]),
            Described([], [new(200, [], [new("application/json", """{"id":17}""", null, null), new("text/csv", "id\n17", null, null)])]),
            Inbound("""<mock-response status-code="200" content-type="text/csv" />"""));

        using var answer = await gateway.GetAsync("/shop/orders/1");

        Assert.Equal((HttpStatusCode.OK, "text/csv"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal("id\n17", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"id":17,"note":"x"}""", 200)]
    [InlineData("""{"id":"17"}""", 400)]
    [InlineData("""{"note":"x"}""", 400)]
    [InlineData("""{"id":17,"lines":[{"sku":1}]}""", 400)]
    [InlineData("not json", 400)]
    public async Task Validate_content_checks_bodies_against_the_schema_of_the_API(string body, int status)
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("taken"));
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("shop", "shop", backend.Address.ToString(), operations: ["POST /orders"]),
            Described([new("application/json", null, "components", "Order")], []),
            new SchemaSnapshot("apis/shop", "components", OpenApi, """
                {"components":{"schemas":{
                  "Order":{"type":"object","required":["id"],"properties":{"id":{"type":"integer"},"lines":{"type":"array","items":{"$ref":"#/components/schemas/Line"}}}},
                  "Line":{"type":"object","properties":{"sku":{"type":"string"}}}}}}
                """),
            Inbound("""<validate-content unspecified-content-type-action="prevent" max-size="1000" size-exceeded-action="prevent"><content type="application/json" validate-as="json" action="prevent" /></validate-content>"""));

        using var answer = await gateway.Client.PostAsync("/shop/orders", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Validate_content_follows_a_schema_of_the_service_that_changes()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("taken"));
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("shop", "shop", backend.Address.ToString(), operations: ["POST /orders"]),
            new SchemaSnapshot(null, "order", "application/json", """{"type":"object"}"""),
            Inbound("""<validate-content unspecified-content-type-action="prevent" max-size="1000" size-exceeded-action="prevent"><content type="application/json" validate-as="json" schema-id="order" action="prevent" /></validate-content>"""));
        async Task<int> PostAsync(string body)
        {
            using var answer = await gateway.Client.PostAsync("/shop/orders", new StringContent(body, Encoding.UTF8, "application/json"));
            return (int)answer.StatusCode;
        }

        Assert.Equal(200, await PostAsync("{}"));
        Assert.Equal(400, await PostAsync("[]"));

        gateway.Configuration.Put(new SchemaSnapshot(null, "order", "application/json", """{"type":"array"}"""));

        await Until.TrueAsync(async () => await PostAsync("[]") == 200);
        Assert.Equal(400, await PostAsync("{}"));
    }

    [Theory]
    [InlineData("/shop/orders?size=3", 200)]
    [InlineData("/shop/orders", 400)]
    [InlineData("/shop/orders?size=three", 400)]
    [InlineData("/shop/orders?size=3&sort=up", 200)]
    [InlineData("/shop/orders?size=3&sort=sideways", 400)]
    public async Task Validate_parameters_checks_against_the_definition(string target, int status)
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("taken"));
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("shop", "shop", backend.Address.ToString(), operations: ["GET /orders"]),
            new ApiDescriptionSnapshot("apis/shop", [new("op0", [new("query", "size", "integer", true, []), new("query", "sort", "string", false, ["up", "down"])], [], [])]),
            Inbound("""<validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="ignore" />"""));

        using var answer = await gateway.GetAsync(target);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Log_to_eventhub_posts_to_the_loggers_hub_with_a_signature()
    {
        var seen = new TaskCompletionSource<(string Path, string Authorization, string Type, string Body)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var gateway = await TestGateway.PrepareAsync();
        using var certificate = gateway.Certificates.IssueLoopback();
        await using var hub = await TestBackend.StartAsync(
            async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                seen.TrySetResult((context.Request.Path, context.Request.Headers.Authorization.ToString(), context.Request.ContentType!, await reader.ReadToEndAsync()));
                context.Response.StatusCode = 201;
            },
            listen => listen.UseHttps(certificate));
        gateway.Configuration.Put(
            Entities.Service,
            Entities.Api("shop", "shop", operations: ["GET /*"]),
            new LoggerSnapshot("audit", "azureEventHub", new Dictionary<string, string>
            {
                ["name"] = "orders",
                ["connectionString"] = $"Endpoint=sb://localhost:{hub.Address.Port}/;SharedAccessKeyName=send;SharedAccessKey=c2VjcmV0",
            }),
            Inbound("""<log-to-eventhub logger-id="audit">@("called " + context.Operation.Id)</log-to-eventhub><return-response />"""));
        await gateway.StartServerAsync();
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));

        using var answer = await gateway.GetAsync("/shop/x");
        var (path, authorization, type, body) = await seen.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("/orders/messages", path);
        Assert.StartsWith("SharedAccessSignature sr=", authorization, StringComparison.Ordinal);
        Assert.Contains("skn=send", authorization, StringComparison.Ordinal);
        Assert.Equal("application/vnd.microsoft.servicebus.json", type);
        Assert.Equal("called op0", JsonNode.Parse(body)![0]!["Body"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_logger_with_credentials_that_name_no_hub_is_reported_and_fails_the_policy()
    {
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("shop", "shop", operations: ["GET /*"]),
            new LoggerSnapshot("audit", "azureEventHub", new Dictionary<string, string> { ["connectionString"] = "{{gone}}" }),
            Inbound("""<log-to-eventhub logger-id="audit">text</log-to-eventhub><return-response />"""));

        using var answer = await gateway.GetAsync("/shop/x");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains(gateway.Logs.Records, record => record.Text.Contains("G219", StringComparison.Ordinal) && record.Text.Contains("audit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_an_Entra_application_the_managed_identity_is_refused_and_says_why()
    {
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("shop", "shop", operations: ["GET /*"]),
            new PolicySnapshot("apis/shop", "rawxml", """
                <policies><inbound><authentication-managed-identity resource="https://vault.azure.net" /><return-response /></inbound><backend /><outbound />
                <on-error><set-header name="X-Reason"><value>@(context.LastError.Reason + ": " + context.LastError.Message)</value></set-header></on-error></policies>
                """));

        using var answer = await gateway.GetAsync("/shop/x");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        var reason = answer.Headers.GetValues("X-Reason").Single();
        Assert.StartsWith("ManagedIdentityTokenFailure: ", reason, StringComparison.Ordinal);
        Assert.Contains("config.service.auth", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_policy_and_a_client_certificate_need_no_other_gateway()
    {
        // Both are features of the forwarder: the policies would refuse with PolicyNotSupported if it had none.
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("proxied " + context.Request.Host));
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("shop", "shop", "http://backend.invalid/", operations: ["GET /*"]),
            Inbound($"""<proxy url="{backend.Address.ToString().TrimEnd('/')}" />"""));

        Assert.Equal("proxied backend.invalid", await gateway.Client.GetStringAsync("/shop/x"));
    }

    internal static ApiDescriptionSnapshot Described(IReadOnlyList<RepresentationSnapshot> requests, IReadOnlyList<ResponseSnapshot> responses) =>
        new("apis/shop", [new("op0", [], requests, responses)]);

    internal static PolicySnapshot Inbound(string policies) =>
        Entities.Policy("apis/shop", $"<policies><inbound><base />{policies}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>");
}
