using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Postern.EndToEnd.Tests;

/// <summary>What a user gets for a mistake: a clear error with id, line and column; nothing half-written; the running configuration untouched.</summary>
public sealed class BadInputTests(RunningSystem system)
{
    [Theory]
    [InlineData("<policies><inbound><base /></policies>", "P1", 1)]
    [InlineData("<policies>\n<inbound>\n<set-heder name=\"x\" />\n</inbound>\n</policies>", "set-header", 3)]
    [InlineData("<policies>\n<inbound>\n<rate-limit calls=\"5\" renewal-period=\"60\" colour=\"red\" />\n</inbound>\n</policies>", "colour", 3)]
    [InlineData("<policies>\n<inbound>\n<rate-limit calls=\"many\" renewal-period=\"60\" />\n</inbound>\n</policies>", "calls", 3)]
    [InlineData("<policies>\n<inbound>\n<set-variable name=\"x\" value=\"@(context.Nothing)\" />\n</inbound>\n</policies>", "Nothing", 3)]
    [InlineData("<policies>\n<inbound>\n<set-variable name=\"x\" value=\"@(System.IO.File.ReadAllText(\"/etc/passwd\"))\" />\n</inbound>\n</policies>", "System.IO.File", 3)]
    [InlineData("<policies>\n<inbound>\n<set-variable name=\"x\" value=\"{{nobody-knows}}\" />\n</inbound>\n</policies>", "nobody-knows", 3)]
    public async Task A_wrong_policy_document_is_refused_with_its_place(string document, string expected, int line)
    {
        var policy = $"{system.Service}/apis/orders/operations/create-order/policies/policy";
        var answer = await system.ArmAsync(HttpMethod.Put, policy, new JsonObject
        {
            ["properties"] = new JsonObject { ["format"] = "rawxml", ["value"] = document },
        });
        Assert.Equal(400, answer.Status);
        var error = answer.Json["error"]!;
        Assert.Equal("ValidationError", error["code"]!.GetValue<string>());
        var details = error["details"]!.AsArray().Select(detail => detail!["message"]!.GetValue<string>()).ToList();
        Assert.Contains(details, detail => detail.Contains(expected, StringComparison.Ordinal) && detail.Contains($"line {line}", StringComparison.Ordinal) && detail.Contains("(P1", StringComparison.Ordinal));
        Assert.Equal(404, (await system.ArmAsync(HttpMethod.Get, policy)).Status);
    }

    [Fact]
    public async Task All_problems_of_a_document_are_told_at_once()
    {
        var answer = await system.ArmAsync(HttpMethod.Put, $"{system.Service}/apis/orders/operations/create-order/policies/policy", new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["format"] = "rawxml",
                ["value"] = "<policies><inbound>\n<unheard-of />\n<set-variable name=\"a\" value=\"@(1 +)\" />\n<rate-limit calls=\"1\" />\n</inbound></policies>",
            },
        });
        Assert.Equal(3, answer.Json["error"]!["details"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("{\"properties\": {\"displayName\": ", 400)]
    [InlineData("[]", 400)]
    [InlineData("{\"properties\": 7}", 400)]
    [InlineData("", 400)]
    public async Task A_malformed_body_is_refused_and_nothing_is_written(string body, int status)
    {
        var answer = await system.ArmRawAsync(HttpMethod.Put, $"{system.Service}/products/broken?api-version=2024-05-01", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(status, answer.Status);
        Assert.False(string.IsNullOrEmpty(answer.Json["error"]!["message"]!.GetValue<string>()));
        Assert.Equal(404, (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/products/broken")).Status);
    }

    [Theory]
    [InlineData("", "MissingApiVersionParameter")]
    [InlineData("?api-version=1999-01-01", "2024-05-01")]
    public async Task An_unknown_api_version_is_answered_with_the_known_ones(string query, string expected)
    {
        var answer = await system.ArmRawAsync(HttpMethod.Get, system.Service + query, null);
        Assert.Equal(400, answer.Status);
        Assert.Contains(expected, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_oversized_body_is_refused()
    {
        var answer = await system.ArmAsync(HttpMethod.Put, $"{system.Service}/products/huge", new JsonObject
        {
            ["properties"] = new JsonObject { ["displayName"] = "huge", ["description"] = new string('x', 20_000_000) },
        });
        Assert.Equal(413, answer.Status);
        Assert.Equal(404, (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/products/huge")).Status);
    }

    [Fact]
    public async Task A_broken_import_leaves_no_api_behind()
    {
        var answer = await system.ArmAsync(HttpMethod.Put, $"{system.Service}/apis/broken", new JsonObject
        {
            ["properties"] = new JsonObject { ["format"] = "openapi", ["path"] = "broken", ["value"] = "openapi: 3.0.3\npaths: [" },
        });
        Assert.Equal(400, answer.Status);
        Assert.Equal(404, (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/apis/broken")).Status);
    }

    [Theory]
    [InlineData("Bearer", "eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL2F6dXJlLWFwaS5uZXQvY29uZmlndXJhdGlvbiJ9.")]
    [InlineData("Bearer", "not a token")]
    [InlineData("GatewayKey", "edge&209901010000&AAAA")]
    [InlineData("GatewayKey", "edge")]
    [InlineData("Basic", "dXNlcjpwYXNz")]
    [InlineData(null, null)]
    public async Task The_configuration_api_lets_no_bad_token_in_and_says_why(string? scheme, string? value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{system["CONFIGURATION_ENDPOINT"]}/gateways/edge/snapshot");
        request.Headers.Authorization = scheme is null ? null : new AuthenticationHeaderValue(scheme, value);
        using var response = await system.Http.SendAsync(request);
        var answer = await Answer.OfAsync(response);
        Assert.Equal(401, answer.Status);
        Assert.Contains("Bearer", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
        Assert.StartsWith("A4", answer.Json["error"]!["diagnostic"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_management_token_does_not_open_the_configuration_api()
    {
        var credential = new Azure.Identity.ClientSecretCredential(system["AZURE_TENANT_ID"], system["GATEWAY_CLIENT_ID"], system["GATEWAY_CLIENT_SECRET"], new()
        {
            AuthorityHost = new(system["AZURE_AUTHORITY_HOST"]),
            DisableInstanceDiscovery = true,
            Transport = new Azure.Core.Pipeline.HttpClientTransport(system.Http),
        });
        var token = await credential.GetTokenAsync(new([$"{system["ARM_ENDPOINT"]}/.default"]), CancellationToken.None);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{system["CONFIGURATION_ENDPOINT"]}/gateways/edge/snapshot");
        request.Headers.Authorization = new("Bearer", token.Token);
        using var response = await system.Http.SendAsync(request);
        var answer = await Answer.OfAsync(response);
        Assert.Equal(401, answer.Status);
        Assert.Contains("audience", answer.Body, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("config.service.endpoint", null, "config.service.endpoint")]
    [InlineData("config.service.auth", null, "No valid authentication was configured for the configuration API")]
    [InlineData("config.service.auth", "kerberos", "workloadIdentity")]
    [InlineData("gateway.name", null, "gateway.name")]
    [InlineData("config.service.auth.azureAd.clientSecret", null, "config.service.auth.azureAd.certificatePath")]
    [InlineData("config.service.integration.timeout", "soon", "config.service.integration.timeout")]
    [InlineData("telemetry.logs.std", "yaml", "telemetry.logs.std")]
    public async Task A_broken_setting_is_named_with_what_is_accepted(string name, string? value, string expected)
    {
        var settings = system.GatewaySettings();
        settings[name] = value;
        await using var gateway = RunningSystem.StartGateway(settings);
        Assert.NotEqual(0, await gateway.ExitAsync());
        Assert.Contains(expected, gateway.Output, StringComparison.Ordinal);
        Assert.Contains("G2", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(system["GATEWAY_CLIENT_SECRET"], gateway.Output, StringComparison.Ordinal);
    }
}
