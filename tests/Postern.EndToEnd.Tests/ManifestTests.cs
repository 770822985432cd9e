using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>The Kubernetes manifests, as far as a machine without Kubernetes can run them: their ConfigMap and Secret as environment.</summary>
public sealed class ManifestTests(RunningSystem system)
{
    [Fact]
    public async Task A_gateway_started_with_exactly_the_config_map_becomes_ready_and_healthy()
    {
        var manifest = KubernetesManifest.Read(Path.Combine(GeneratedDocument.Root, "deploy/kubernetes/entra-secret.yaml"));
        var given = manifest.Environment();

        // What a user fills in: the file's own names, nothing added but the trust in a development CA.
        var environment = new Dictionary<string, string?>(given.ToDictionary(pair => pair.Key, pair => (string?)pair.Value))
        {
            ["config.service.endpoint"] = system["CONFIGURATION_ENDPOINT"],
            ["config.service.auth.azureAd.authority"] = system["AZURE_AUTHORITY_HOST"],
            ["config.service.auth.azureAd.tenantId"] = system["AZURE_TENANT_ID"],
            ["config.service.auth.azureAd.clientId"] = system["GATEWAY_CLIENT_ID"],
            ["config.service.auth.azureAd.clientSecret"] = system["GATEWAY_CLIENT_SECRET"],
            ["gateway.name"] = "edge",
        };
        Assert.Equal(given.Keys.Order(), environment.Keys.Order());
        environment["SSL_CERT_FILE"] = system["CA_FILE"];
        var before = await InstancesAsync();
        await using var gateway = RunningSystem.StartGateway(environment);
        var address = await RunningSystem.HttpAddressAsync(gateway);
        await Until.TrueAsync("the gateway is ready", async () =>
            (await system.CallAsync("/status-0123456789abcdef", gateway: address.GetLeftPart(UriPartial.Authority))).Status == 200);
        Assert.Equal(200, (await system.CallAsync("/sales/orders/17", gateway: address.GetLeftPart(UriPartial.Authority))).Status);
        await Until.TrueAsync("the control plane sees one more healthy instance", async () =>
            (await InstancesAsync()).Except(before).Any());
    }

    /// <summary>Names of the healthy instances.</summary>
    private async Task<IReadOnlyList<string>> InstancesAsync() =>
        (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/gateways/edge/instances")).Json["value"]!.AsArray()
            .Where(instance => instance!["properties"]!["state"]!.GetValue<string>() == "Healthy")
            .Select(instance => instance!["name"]!.GetValue<string>()).ToList();
}
