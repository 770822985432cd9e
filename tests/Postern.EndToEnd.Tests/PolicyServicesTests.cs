using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Postern.EndToEnd.Tests;

/// <summary>Policies that need more of the control plane than their own text: put over the management API, seen to act at the gateway.</summary>
public sealed class PolicyServicesTests(RunningSystem system)
{
    private const string Definition = """
        {"openapi":"3.0.1","info":{"title":"Depot","version":"1"},"servers":[{"url":"https://depot.invalid"}],
         "paths":{"/parcels":{
           "get":{"operationId":"list","parameters":[{"name":"limit","in":"query","required":true,"schema":{"type":"integer"}}],
             "responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Parcel"},"example":{"weight":3}}}}}},
           "post":{"operationId":"send","requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Parcel"}}}},"responses":{"201":{"description":"sent"}}}}},
         "components":{"schemas":{"Parcel":{"type":"object","required":["weight"],"properties":{"weight":{"type":"number","minimum":0}}}}}}
        """;

    [Fact]
    public async Task Mock_response_validation_and_preflight_follow_the_imported_definition()
    {
        var path = await ImportAsync("depot");
        await PolicyAsync($"apis/{path}", """
            <cors><allowed-origins><origin>https://app.example</origin></allowed-origins><allowed-methods><method>POST</method></allowed-methods><allowed-headers><header>content-type</header></allowed-headers></cors>
            <validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="ignore" />
            <validate-content unspecified-content-type-action="prevent" max-size="1024" size-exceeded-action="prevent"><content type="application/json" validate-as="json" action="prevent" /></validate-content>
            <choose><when condition="@(context.Request.Method == "GET")"><mock-response status-code="200" content-type="application/json" /></when><otherwise><return-response><set-status code="201" /></return-response></otherwise></choose>
            """);
        await Postern.Testing.Until.TrueAsync("the policy acts", async () => (await system.CallAsync($"/{path}/parcels?limit=2")).Status == 200);

        var mocked = await system.CallAsync($"/{path}/parcels?limit=2");
        Assert.Equal(3, mocked.Json["weight"]!.GetValue<int>());
        Assert.Equal("application/json", mocked.Headers["Content-Type"]);
        Assert.Equal(400, (await system.CallAsync($"/{path}/parcels?limit=many")).Status);
        Assert.Equal(201, (await PostAsync(path, """{"weight":1.5}""")).Status);
        Assert.Equal(400, (await PostAsync(path, """{"weight":-1}""")).Status);
        Assert.Equal(400, (await PostAsync(path, """{"height":1}""")).Status);

        var preflight = await system.CallAsync($"/{path}/parcels", key: null, HttpMethod.Options, null,
            ("Origin", "https://app.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type"));
        Assert.Equal((200, "https://app.example"), (preflight.Status, preflight.Headers["Access-Control-Allow-Origin"]));
    }

    [Fact]
    public async Task Log_to_eventhub_reaches_the_hub_of_the_logger_entity()
    {
        var seen = new TaskCompletionSource<(string Path, string Authorization, string Body)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = await HubAsync(seen);
        var port = new Uri(hub.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        var path = await ImportAsync("ledger");
        await MadeAsync("loggers/ledger", new()
        {
            ["loggerType"] = "azureEventHub",
            ["credentials"] = new JsonObject
            {
                ["name"] = "entries",
                ["connectionString"] = $"Endpoint=sb://localhost:{port}/;SharedAccessKeyName=send;SharedAccessKey=c2VjcmV0LWtleQ==",
            },
        });
        await PolicyAsync($"apis/{path}", """
            <log-to-eventhub logger-id="ledger">@(context.Api.Id + " " + context.Request.Method)</log-to-eventhub><return-response />
            """);
        await Postern.Testing.Until.TrueAsync("the policy acts", async () => (await system.CallAsync($"/{path}/parcels?limit=2")).Status == 200);

        var (to, authorization, body) = await seen.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("/entries/messages", to);
        Assert.StartsWith("SharedAccessSignature ", authorization, StringComparison.Ordinal);
        Assert.Equal("ledger GET", JsonNode.Parse(body)![0]!["Body"]!.GetValue<string>());
        var stored = await system.ArmAsync(HttpMethod.Get, $"{system.Service}/loggers/ledger");
        Assert.DoesNotContain("c2VjcmV0LWtleQ==", stored.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Managed_identity_is_the_Entra_application_that_the_gateway_signs_in_with()
    {
        var path = await ImportAsync("vault");
        await PolicyAsync($"apis/{path}", $$"""
            <authentication-managed-identity resource="{{system["ARM_ENDPOINT"]}}" output-token-variable-name="token" />
            <return-response><set-body>@{ var jwt = ((string)context.Variables["token"]).AsJwt(); return jwt.Audiences.First() + " " + (jwt.Claims.GetValueOrDefault("appid") ?? jwt.Claims.GetValueOrDefault("azp")); }</set-body></return-response>
            """);
        await Postern.Testing.Until.TrueAsync("the policy acts", async () => (await system.CallAsync($"/{path}/parcels?limit=2")).Status == 200);

        var answer = await system.CallAsync($"/{path}/parcels?limit=2");

        Assert.EndsWith(system["GATEWAY_CLIENT_ID"], answer.Body, StringComparison.Ordinal);
    }

    private async Task<Answer> PostAsync(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{system["GATEWAY_URL"]}/{path}/parcels?limit=1")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Ocp-Apim-Subscription-Key", system["SUBSCRIPTION_KEY"]);
        using var response = await system.Http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    /// <summary>An API that needs no key, at the gateway that <c>up</c> runs.</summary>
    private async Task<string> ImportAsync(string name)
    {
        await MadeAsync($"apis/{name}", new() { ["path"] = name, ["format"] = "openapi+json", ["value"] = Definition, ["subscriptionRequired"] = false });
        await MadeAsync($"gateways/edge/apis/{name}", new());
        return name;
    }

    private Task PolicyAsync(string scope, string inbound) => MadeAsync($"{scope}/policies/policy", new()
    {
        ["format"] = "rawxml",
        ["value"] = $"<policies><inbound><base />{inbound}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>",
    });

    private async Task MadeAsync(string path, JsonObject properties)
    {
        var made = await system.ArmAsync(HttpMethod.Put, $"{system.Service}/{path}", new JsonObject { ["properties"] = properties });
        Assert.True(made.Status is 200 or 201 or 202, made.Body);
    }

    private async Task<WebApplication> HubAsync(TaskCompletionSource<(string Path, string Authorization, string Body)> seen)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server =>
            server.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(system.Certificates.IssueLoopback())));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            seen.TrySetResult((context.Request.Path, context.Request.Headers.Authorization.ToString(), await reader.ReadToEndAsync()));
            context.Response.StatusCode = 201;
        });
        await app.StartAsync();
        return app;
    }
}
