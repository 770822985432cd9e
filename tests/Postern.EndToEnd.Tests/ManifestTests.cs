using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>
/// The Kubernetes manifests, as far as a machine without Kubernetes can run them: exactly their ConfigMap and Secret as environment, with
/// what a user fills in.
/// </summary>
public sealed class ManifestTests(RunningSystem system)
{
    [Fact]
    public async Task A_gateway_with_a_client_secret() => await RunsAsync("entra-secret", new()
    {
        ["config.service.endpoint"] = system["CONFIGURATION_ENDPOINT"],
        ["config.service.auth.azureAd.authority"] = system["AZURE_AUTHORITY_HOST"],
        ["config.service.auth.azureAd.tenantId"] = system["AZURE_TENANT_ID"],
        ["config.service.auth.azureAd.clientId"] = system["GATEWAY_CLIENT_ID"],
        ["config.service.auth.azureAd.clientSecret"] = system["GATEWAY_CLIENT_SECRET"],
        ["gateway.name"] = "edge",
    });

    [Fact]
    public async Task A_gateway_with_a_client_certificate()
    {
        var app = await GatewayApplication.RegisterAsync(system, "manifest-certificate");
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=gateway", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("client.pem"), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        var registered = await system.GraphAsync(HttpMethod.Patch, $"applications/{app.Id}", new JsonObject
        {
            ["keyCredentials"] = new JsonArray(new JsonObject
            {
                ["type"] = "AsymmetricX509Cert",
                ["usage"] = "Verify",
                ["key"] = Convert.ToBase64String(certificate.RawData),
            }),
        });
        Assert.True(registered.Status is 200 or 204, registered.Body);
        await RunsAsync("entra-certificate", new()
        {
            ["config.service.endpoint"] = system["CONFIGURATION_ENDPOINT"],
            ["config.service.auth.azureAd.authority"] = system["AZURE_AUTHORITY_HOST"],
            ["config.service.auth.azureAd.tenantId"] = system["AZURE_TENANT_ID"],
            ["config.service.auth.azureAd.clientId"] = app.ClientId,
            ["config.service.auth.azureAd.certificatePath"] = folder.In("client.pem"),
            ["gateway.name"] = "edge",
        });
    }

    [Fact]
    public async Task A_gateway_with_a_gateway_token()
    {
        var expiry = TimeProvider.System.GetUtcNow().AddDays(1).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        var token = (await system.ArmAsync(HttpMethod.Post, $"{system.Service}/gateways/edge/generateToken", new JsonObject { ["keyType"] = "primary", ["expiry"] = expiry })).Json;
        await RunsAsync("token", new()
        {
            ["config.service.endpoint"] = system["CONFIGURATION_ENDPOINT"],
            ["config.service.auth.key"] = $"GatewayKey {token["value"]}",
            ["gateway.name"] = "edge",
        });
    }

    [Fact]
    public async Task A_gateway_with_a_workload_identity()
    {
        await using var cluster = await TestIssuer.StartAsync(system.Certificates.IssueLoopback());
        const string subject = "system:serviceaccount:apim:apim-gateway-workload-identity";
        var app = await GatewayApplication.RegisterAsync(system, "manifest-workload");
        var trusted = await system.GraphAsync(HttpMethod.Post, $"applications/{app.Id}/federatedIdentityCredentials", new JsonObject
        {
            ["name"] = "cluster",
            ["issuer"] = cluster.Issuer,
            ["subject"] = subject,
            ["audiences"] = new JsonArray(TestIssuer.TokenExchange),
        });
        Assert.Equal(201, trusted.Status);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("azure-identity-token"), cluster.Token(subject, TimeProvider.System.GetUtcNow()));
        var settings = new Dictionary<string, string?>
        {
            ["config.service.endpoint"] = system["CONFIGURATION_ENDPOINT"],
            ["gateway.name"] = "edge",
        };

        // What the workload identity webhook puts into the pod.
        var injected = new Dictionary<string, string?>
        {
            ["AZURE_CLIENT_ID"] = app.ClientId,
            ["AZURE_TENANT_ID"] = system["AZURE_TENANT_ID"],
            ["AZURE_FEDERATED_TOKEN_FILE"] = folder.In("azure-identity-token"),
            ["AZURE_AUTHORITY_HOST"] = system["AZURE_AUTHORITY_HOST"],
        };
        await RunsAsync("workload-identity", settings, injected);
    }

    /// <summary>Starts a gateway with the manifest's environment and sees it ready, serving and healthy.</summary>
    private async Task RunsAsync(string name, Dictionary<string, string?> filledIn, Dictionary<string, string?>? injected = null)
    {
        var manifest = KubernetesManifest.Read(Path.Combine(GeneratedDocument.Root, $"deploy/kubernetes/{name}.yaml"));
        var environment = manifest.Environment().ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
        foreach (var (setting, value) in filledIn)
        {
            Assert.True(environment.ContainsKey(setting), $"{name}.yaml has no {setting}.");
            environment[setting] = value;
        }

        Assert.DoesNotContain(environment, pair => pair.Value!.Contains('<', StringComparison.Ordinal));
        foreach (var (variable, value) in injected ?? [])
        {
            environment[variable] = value;
        }

        environment["SSL_CERT_FILE"] = system["CA_FILE"];
        var before = await HealthyAsync();
        await using var gateway = RunningSystem.StartGateway(environment);
        var address = (await RunningSystem.HttpAddressAsync(gateway)).GetLeftPart(UriPartial.Authority);
        var probe = KubernetesManifest.Text(manifest.Container(), "readinessProbe", "httpGet", "path")!;
        await Until.TrueAsync($"the gateway is ready\n{gateway.Output}", async () => (await system.CallAsync(probe, key: null, gateway: address)).Status == 200);
        Assert.Equal(200, (await system.CallAsync("/sales/orders/17", gateway: address)).Status);
        await Until.TrueAsync("the control plane sees one more healthy instance", async () => (await HealthyAsync()).Except(before).Any());
    }

    /// <summary>Names of the healthy instances.</summary>
    private async Task<IReadOnlyList<string>> HealthyAsync() =>
        (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/gateways/edge/instances")).Json["value"]!.AsArray()
            .Where(instance => instance!["properties"]!["state"]!.GetValue<string>() == "Healthy")
            .Select(instance => instance!["name"]!.GetValue<string>()).ToList();
}
