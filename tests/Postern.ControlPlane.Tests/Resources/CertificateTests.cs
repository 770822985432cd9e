using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using CertificateAuthority = Postern.Testing.TestAuthority;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>Certificates, and the host names and authorities of gateways that use them.</summary>
public sealed class CertificateTests(RunningControlPlane plane)
{
    private static readonly CertificateAuthority Authority = CertificateAuthority.Root();

    [Fact]
    public async Task A_file_that_is_none_or_has_another_password_or_has_expired_is_refused_with_the_reason()
    {
        var service = await plane.CreateServiceAsync();
        var good = File(Authority.Server("api.example"), "right");

        await RefusedAsync($"{service}/certificates/c", new() { ["data"] = "%%" }, "data", "base64");
        await RefusedAsync($"{service}/certificates/c", new() { ["data"] = Convert.ToBase64String("nothing"u8) }, "data", "PKCS #12");
        await RefusedAsync($"{service}/certificates/c", new() { ["data"] = good, ["password"] = "wrong" }, "data", "password");
        await RefusedAsync($"{service}/certificates/c", new() { ["data"] = good }, "data", "password");
        await RefusedAsync($"{service}/certificates/c", [], "data", "keyVault");
        await RefusedAsync($"{service}/certificates/c", new() { ["data"] = File(Authority.ServerUntil(-3, "old.example"), "x"), ["password"] = "x" }, "data", "expired");
        await plane.PutPropertiesAsync($"{service}/certificates/c", new() { ["data"] = good, ["password"] = "right" });
    }

    [Fact]
    public async Task A_certificate_shows_what_it_is_and_never_its_file_or_password()
    {
        var service = await plane.CreateServiceAsync();
        var certificate = Authority.Server("api.example");
        await plane.PutPropertiesAsync($"{service}/certificates/c", new() { ["data"] = File(certificate, "right"), ["password"] = "right" });

        var (_, shown) = await plane.GetAsync($"{service}/certificates/c");

        Assert.Equal("CN=api.example", (string?)shown["properties"]!["subject"]);
        Assert.Equal(certificate.Thumbprint, (string?)shown["properties"]!["thumbprint"]);
        Assert.DoesNotContain("right", shown.ToJsonString(), StringComparison.Ordinal);
        Assert.Null(shown["properties"]!["data"]);

        // The next file has no password: the one before does not stay with it.
        var next = Authority.Server("next.example");
        await plane.PutPropertiesAsync($"{service}/certificates/c", new() { ["data"] = File(next, null) });
        (_, shown) = await plane.GetAsync($"{service}/certificates/c");
        Assert.Equal(next.Thumbprint, (string?)shown["properties"]!["thumbprint"]);
    }

    [Fact]
    public async Task A_key_vaults_certificate_says_that_it_was_not_reached()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/certificates/c", new() { ["keyVault"] = new JsonObject { ["secretIdentifier"] = "https://vault.example/secrets/c" } });

        var (_, shown) = await plane.GetAsync($"{service}/certificates/c");

        Assert.Equal("NotReachable", (string?)shown["properties"]!["keyVault"]!["lastStatus"]!["code"]);
    }

    [Fact]
    public async Task A_host_name_must_be_one_and_its_certificate_must_have_a_key()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/gateways/edge", new() { ["locationData"] = new JsonObject { ["name"] = "here" } });
        await plane.PutPropertiesAsync($"{service}/certificates/public", new() { ["data"] = Convert.ToBase64String(Authority.Certificate.RawData) });
        await plane.PutPropertiesAsync($"{service}/certificates/c", new() { ["data"] = File(Authority.Server("api.example"), "x"), ["password"] = "x" });
        var path = $"{service}/gateways/edge/hostnameConfigurations/h";

        foreach (var wrong in (string[])["api example", "https://api.example", "api.*.example", "*example", "api.example:443", "**"])
        {
            await RefusedAsync(path, new() { ["hostname"] = wrong, ["certificateId"] = "/certificates/c" }, "hostname", "host name");
        }

        await RefusedAsync(path, new() { ["hostname"] = "api.example", ["certificateId"] = "/certificates/public" }, "certificateId", "private key");
        await RefusedAsync(path, new() { ["hostname"] = "api.example", ["certificateId"] = "/certificates/none" }, "certificateId", "does not exist");
        foreach (var right in (string[])["*", "*.example", "api.example", "localhost", "bücher.example"])
        {
            await plane.PutPropertiesAsync(path, new() { ["hostname"] = right, ["certificateId"] = "/certificates/c" });
        }
    }

    [Fact]
    public async Task A_certificate_that_is_in_use_stays()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/gateways/edge", new() { ["locationData"] = new JsonObject { ["name"] = "here" } });
        await plane.PutPropertiesAsync($"{service}/certificates/c", new() { ["data"] = File(Authority.Server("api.example"), "x"), ["password"] = "x" });
        await plane.PutPropertiesAsync($"{service}/certificates/ca", new() { ["data"] = Convert.ToBase64String(Authority.Certificate.RawData) });
        await plane.PutPropertiesAsync($"{service}/gateways/edge/hostnameConfigurations/h", new() { ["hostname"] = "api.example", ["certificateId"] = "/certificates/c" });
        await plane.PutPropertiesAsync($"{service}/gateways/edge/certificateAuthorities/ca", new() { ["isTrusted"] = true });

        foreach (var name in (string[])["c", "ca"])
        {
            var (status, body) = await plane.SendAsync(HttpMethod.Delete, $"{service}/certificates/{name}", null, "*");
            Assert.Equal((400, true), (status, ((string?)body!["error"]!["message"])!.Contains("in use", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_certificates_file_is_read_only_with_the_data_action_not_by_who_manages_everything()
    {
        var service = await plane.CreateServiceAsync();
        var file = File(Authority.Server("api.example"), "right");
        await plane.PutPropertiesAsync($"{service}/certificates/c", new() { ["data"] = file, ["password"] = "right" });
        const string Action = "Microsoft.ApiManagement/service/certificates/listSecrets/action";
        var path = $"{service}/certificates/c/listSecrets";

        var (asOwner, refusal) = await plane.SendAsync(HttpMethod.Post, path);
        await GrantAsync(service, "Manager", "actions", "Microsoft.ApiManagement/service/*");
        var (asManager, _) = await AsOperatorAsync(HttpMethod.Post, path);
        var (put, _) = await AsOperatorAsync(HttpMethod.Put, $"{service}/certificates/c", new() { ["properties"] = new JsonObject { ["data"] = file, ["password"] = "right" } });
        await GrantAsync(service, "Exporter", "dataActions", Action);
        var (asExporter, secrets) = await AsOperatorAsync(HttpMethod.Post, path);

        Assert.Equal((403, 403, 200, 200), (asOwner, asManager, put, asExporter));
        Assert.Contains(Action, (string?)refusal["error"]!["message"], StringComparison.Ordinal);
        Assert.Equal((file, "right"), ((string?)secrets["data"], (string?)secrets["password"]));
        var (_, operations) = await plane.GetAsync("/providers/Microsoft.ApiManagement/operations");
        Assert.True((bool)operations["value"]!.AsArray().Single(one => (string?)one!["name"] == Action)!["isDataAction"]!);
    }

    private async Task GrantAsync(string service, string name, string member, string action)
    {
        var role = $"{service}/providers/Microsoft.Authorization/roleDefinitions/{Guid.NewGuid()}";
        var (made, body) = await plane.PutAsync(role, new()
        {
            ["properties"] = new JsonObject
            {
                ["roleName"] = $"{name} of {service}",
                ["permissions"] = new JsonArray(new JsonObject { [member] = new JsonArray(action) }),
                ["assignableScopes"] = new JsonArray(service),
            },
        }, "2022-04-01");
        Assert.True(made == 201, body.ToJsonString());
        var (assigned, answer) = await plane.PutAsync($"{service}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}", new()
        {
            ["properties"] = new JsonObject { ["roleDefinitionId"] = role, ["principalId"] = RunningControlPlane.OperatorObject, ["principalType"] = "ServicePrincipal" },
        }, "2022-04-01");
        Assert.True(assigned == 201, answer.ToJsonString());
    }

    private async Task<(int Status, JsonObject Body)> AsOperatorAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, $"{path}?api-version={RunningControlPlane.ApiVersion}") { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await plane.Operator.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, (JsonObject)JsonNode.Parse(text)!);
    }

    private async Task RefusedAsync(string path, JsonObject properties, string target, string reason)
    {
        var (status, body) = await plane.SendAsync(HttpMethod.Put, path, new() { ["properties"] = properties });
        Assert.Equal((400, "ValidationError"), (status, (string?)body!["error"]!["code"]));
        Assert.Contains(body["error"]!["details"]!.AsArray(), detail =>
            (string?)detail!["target"] == target && ((string?)detail["message"])!.Contains(reason, StringComparison.Ordinal));
    }

    private static string File(X509Certificate2 certificate, string? password) => Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12, password));
}
