using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>An imported definition whose schemas stand inside its operations: what it says holds at the gateway, for requests and answers.</summary>
public sealed class DefinitionValidationTests(RunningSystem system)
{
    private const string OpenApi = """
        openapi: 3.0.1
        info: { title: Boxes, version: "1" }
        paths:
          /boxes/{code}:
            post:
              operationId: pack
              parameters:
                - { name: code, in: path, required: true, schema: { type: string, pattern: "^[a-z]{3}$" } }
                - { name: size, in: query, required: true, schema: { type: integer, minimum: 1, maximum: 10 } }
                - { name: ratio, in: query, schema: { type: number, minimum: 0, exclusiveMinimum: true } }
                - { name: color, in: query, schema: { type: string, enum: [red, blue] } }
                - { name: X-Tag, in: header, schema: { $ref: "#/components/schemas/Tag" } }
              requestBody:
                content:
                  application/json:
                    schema:
                      type: object
                      required: [weight]
                      properties: { weight: { type: number, minimum: 0 }, lines: { type: array, items: { $ref: "#/components/schemas/Line" } } }
              responses:
                "200":
                  description: packed
                  headers: { X-Count: { schema: { type: integer } } }
                  content: { application/json: { schema: { type: array, items: { type: integer } } } }
        components:
          schemas:
            Line: { type: object, properties: { sku: { type: string } } }
            Tag: { type: string, minLength: 2, maxLength: 4 }
        """;

    private const string Swagger = """
        {"swagger":"2.0","info":{"title":"Boxes","version":"1"},
         "paths":{"/boxes/{code}":{"post":{"operationId":"pack","consumes":["application/json"],"produces":["application/json"],
          "parameters":[
            {"name":"code","in":"path","required":true,"type":"string","pattern":"^[a-z]{3}$"},
            {"name":"size","in":"query","required":true,"type":"integer","minimum":1,"maximum":10},
            {"name":"ratio","in":"query","type":"number","minimum":0.05},
            {"name":"color","in":"query","type":"string","enum":["red","blue"]},
            {"name":"X-Tag","in":"header","type":"string","minLength":2,"maxLength":4},
            {"name":"body","in":"body","schema":{"type":"object","required":["weight"],
              "properties":{"weight":{"type":"number","minimum":0},"lines":{"type":"array","items":{"$ref":"#/definitions/Line"}}}}}],
          "responses":{"200":{"description":"packed","headers":{"X-Count":{"type":"integer"}},"schema":{"type":"array","items":{"type":"integer"}}}}}}},
         "definitions":{"Line":{"type":"object","properties":{"sku":{"type":"string"}}}}}
        """;

    private const string Good = """{"weight":1.5,"lines":[{"sku":"a"}]}""";

    [Theory]
    [InlineData("openapi", OpenApi)]
    [InlineData("swagger-json", Swagger)]
    public async Task What_a_definition_says_inside_its_operations_holds_for_requests_and_answers(string format, string definition)
    {
        await using var backend = await BackendAsync(null, async context =>
        {
            context.Response.StatusCode = int.Parse(context.Request.Query["status"].FirstOrDefault() ?? "200", System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["X-Count"] = context.Request.Query["count"].FirstOrDefault() ?? "1";
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(context.Request.Query["answer"].FirstOrDefault() ?? "[1]");
        });
        var name = $"boxes-{format}";
        await MadeAsync($"apis/{name}", new() { ["path"] = name, ["format"] = format, ["value"] = definition, ["subscriptionRequired"] = false, ["serviceUrl"] = AddressOf(backend) });
        await MadeAsync($"gateways/edge/apis/{name}", new());
        await MadeAsync($"apis/{name}/policies/policy", new()
        {
            ["format"] = "rawxml",
            ["value"] = """
                <policies><inbound><base />
                  <validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="ignore" />
                  <validate-content unspecified-content-type-action="prevent" max-size="1024" size-exceeded-action="prevent"><content type="application/json" validate-as="json" action="prevent" /></validate-content>
                </inbound><backend><base /></backend><outbound><base />
                  <validate-status-code unspecified-status-code-action="prevent" />
                  <validate-headers specified-header-action="prevent" unspecified-header-action="ignore" />
                  <validate-content unspecified-content-type-action="prevent" max-size="1024" size-exceeded-action="prevent"><content type="application/json" validate-as="json" action="prevent" /></validate-content>
                </outbound><on-error><base /><set-header name="X-Source"><value>@(context.LastError.Source)</value></set-header></on-error></policies>
                """,
        });
        await Until.TrueAsync("the policy acts", async () => (await PostAsync("abc?size=0", Good)).StartsWith("400", StringComparison.Ordinal));

        foreach (var (target, body, expected) in ((string, string, string)[])
        [
            ("abc?size=1&ratio=0.1&color=red", Good, "200"),
            ("abc?size=10", """{"weight":0}""", "200"),
            ("abcd?size=1", Good, "400 validate-parameters"),
            ("ABC?size=1", Good, "400 validate-parameters"),
            ("abc?size=0", Good, "400 validate-parameters"),
            ("abc?size=11", Good, "400 validate-parameters"),
            ("abc?size=1&ratio=0", Good, "400 validate-parameters"),
            ("abc?size=1&color=green", Good, "400 validate-parameters"),
            ("abc?size=1#a", Good, "400 validate-parameters"),
            ("abc?size=1#abcde", Good, "400 validate-parameters"),
            ("abc?size=1#abcd", Good, "200"),
            ("abc?size=1", "{}", "400 validate-content"),
            ("abc?size=1", """{"weight":-1}""", "400 validate-content"),
            ("abc?size=1", """{"weight":1,"lines":[{"sku":2}]}""", "400 validate-content"),
            ("abc?size=1&status=201", Good, "502 validate-status-code"),
            ("abc?size=1&count=many", Good, "502 validate-headers"),
            ("abc?size=1&answer=%5B%22x%22%5D", Good, "502 validate-content"),
        ])
        {
            Assert.Equal((target, body, expected), (target, body, await PostAsync(target, body)));
        }

        // What is exported says the same: imported again it is the same API.
        var operation = (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/apis/{name}/operations/pack")).Json["properties"]!.ToJsonString();
        var export = (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/apis/{name}?export=true&format=openapi%2Bjson-link")).Json;
        var copy = await system.Http.GetStringAsync((export["properties"]?["value"] ?? export["value"])!["link"]!.ToString());
        await MadeAsync($"apis/{name}-copy", new() { ["path"] = $"{name}-copy", ["format"] = "openapi+json", ["subscriptionRequired"] = false, ["value"] = copy });
        var again = (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/apis/{name}-copy/operations/pack")).Json["properties"]!.ToJsonString();
        Assert.Equal(operation.Replace("\"description\":null", "\"description\":\"\"", StringComparison.Ordinal), again.Replace("\"description\":null", "\"description\":\"\"", StringComparison.Ordinal));

        // What stands after # is the header.
        async Task<string> PostAsync(string target, string body)
        {
            var parts = target.Split('#');
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{system["GATEWAY_URL"]}/{name}/boxes/{parts[0]}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            if (parts.Length > 1)
            {
                request.Headers.Add("X-Tag", parts[1]);
            }

            using var response = await system.Http.SendAsync(request);
            return $"{(int)response.StatusCode} {(response.Headers.TryGetValues("X-Source", out var source) ? source.Single() : "")}".TrimEnd();
        }
    }

    [Fact]
    public async Task A_backend_that_requires_a_client_certificate_gets_the_one_of_the_policy()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=the caller", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var backend = await BackendAsync(
            https =>
            {
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.AllowAnyClientCertificate();
            },
            context => context.Response.WriteAsync(context.Connection.ClientCertificate!.Subject));
        await MadeAsync("certificates/caller", new() { ["data"] = Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12, "p")), ["password"] = "p" });
        foreach (var (name, policy) in ((string, string)[])
        [
            ("by-id", "<authentication-certificate certificate-id=\"caller\" />"),
            ("by-thumbprint", $"<authentication-certificate thumbprint=\"{certificate.Thumbprint}\" />"),
            ("without", ""),
        ])
        {
            await MadeAsync($"apis/mutual-{name}", new() { ["displayName"] = name, ["path"] = $"mutual-{name}", ["protocols"] = new JsonArray("https", "http"), ["subscriptionRequired"] = false, ["serviceUrl"] = AddressOf(backend) });
            await MadeAsync($"apis/mutual-{name}/operations/get", new() { ["displayName"] = "get", ["method"] = "GET", ["urlTemplate"] = "/" });
            await MadeAsync($"apis/mutual-{name}/policies/policy", new() { ["format"] = "rawxml", ["value"] = $"<policies><inbound><base />{policy}</inbound><backend><base /></backend><outbound><base /></outbound></policies>" });
            await MadeAsync($"gateways/edge/apis/mutual-{name}", new());
        }

        await Until.TrueAsync("the last API is there", async () => (await system.CallAsync("/mutual-without/")).Status != 404);

        Assert.Equal("CN=the caller", (await system.CallAsync("/mutual-by-id/")).Body);
        Assert.Equal("CN=the caller", (await system.CallAsync("/mutual-by-thumbprint/")).Body);
        Assert.Equal(500, (await system.CallAsync("/mutual-without/")).Status);
    }

    private async Task MadeAsync(string path, JsonObject properties)
    {
        var made = await system.ArmAsync(HttpMethod.Put, $"{system.Service}/{path}", new JsonObject { ["properties"] = properties });
        Assert.True(made.Status is 200 or 201 or 202, made.Body);
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    private async Task<WebApplication> BackendAsync(Action<HttpsConnectionAdapterOptions>? https, RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (https is not null)
            {
                listen.UseHttps(options =>
                {
                    options.ServerCertificate = system.Certificates.IssueLoopback();
                    https(options);
                });
            }
        }));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
