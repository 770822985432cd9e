using System.Runtime.CompilerServices;
using Postern.Testing;
using static Postern.Testing.KubernetesManifest;

namespace Postern.Gateway.Tests.Manifests;

/// <summary>Who has a published manifest changes image and endpoint, nothing else: so the files in deploy/ keep its shape.</summary>
public sealed class DeploymentManifestTests
{
    public static TheoryData<string> All =>
        [.. Directory.EnumerateFiles(Folder(), "*.yaml").Select(file => Path.GetFileName(file))];

    [Fact]
    public void The_entra_manifest_has_exactly_the_published_settings()
    {
        var settings = Manifest("entra-secret.yaml").ConfigMapData("mygw-env");

        Assert.Equal(
            [
                "config.service.auth",
                "config.service.auth.azureAd.authority",
                "config.service.auth.azureAd.clientId",
                "config.service.auth.azureAd.clientSecret",
                "config.service.auth.azureAd.tenantId",
                "config.service.endpoint",
                "gateway.name",
            ],
            settings.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("azureAdApp", settings["config.service.auth"]);
    }

    [Fact]
    public void The_entra_manifest_never_has_fewer_pods_than_before_while_it_rolls_out()
    {
        var deployment = Manifest("entra-secret.yaml").Object("Deployment");

        Assert.Equal("RollingUpdate", Text(deployment, "spec", "strategy", "type"));
        Assert.Equal("0", Text(deployment, "spec", "strategy", "rollingUpdate", "maxUnavailable"));
        Assert.Equal("25%", Text(deployment, "spec", "strategy", "rollingUpdate", "maxSurge"));
    }

    [Fact]
    public void The_entra_manifest_opens_the_published_ports()
    {
        var ports = Sequence(Manifest("entra-secret.yaml").Container(), "ports")
            .Select(port => (Text(port, "name"), Text(port, "containerPort"), Text(port, "protocol") ?? "TCP"));

        Assert.Equal(
            [("http", "8080", "TCP"), ("https", "8081", "TCP"), ("rate-limit-dc", "4290", "UDP"), ("dc-heartbeat", "4291", "UDP")],
            ports);
    }

    [Fact]
    public void The_discovery_service_is_headless_and_leads_to_the_datagram_ports()
    {
        var manifest = Manifest("entra-secret.yaml");
        var service = manifest.Object("Service", "mygw-instance-discovery");
        var containerPorts = Sequence(manifest.Container(), "ports").ToDictionary(port => Text(port, "name")!, port => Text(port, "containerPort"), StringComparer.Ordinal);

        Assert.Equal("None", Text(service, "spec", "clusterIP"));
        Assert.Equal(["4290", "4291"], Sequence(service, "spec", "ports").Select(port => containerPorts[Text(port, "targetPort")!]));
    }

    [Fact]
    public void The_token_manifest_takes_the_token_from_a_secret()
    {
        var manifest = Manifest("token.yaml");

        Assert.DoesNotContain("config.service.auth.key", manifest.ConfigMapData().Keys);
        Assert.Equal("<configuration-token>", manifest.Environment()["config.service.auth.key"]);
        Assert.Equal("key", manifest.Environment()["config.service.auth"]);
    }

    [Fact]
    public void The_workload_identity_manifest_marks_its_pods_for_the_webhook_and_holds_no_secret()
    {
        var manifest = Manifest("workload-identity.yaml");
        var template = manifest.Object("Deployment");

        Assert.Equal("true", Text(template, "spec", "template", "metadata", "labels", "azure.workload.identity/use"));
        Assert.Equal(Text(manifest.Object("ServiceAccount"), "metadata", "name"), Text(template, "spec", "template", "spec", "serviceAccountName"));
        Assert.DoesNotContain(manifest.Environment().Keys, name => name.Contains("Secret", StringComparison.Ordinal) || name.EndsWith(".key", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Services_select_the_pods_and_the_probe_asks_a_status_path(string file)
    {
        var manifest = Manifest(file);
        var labels = Pairs(manifest.Object("Deployment"), "spec", "template", "metadata", "labels");
        var probe = Text(manifest.Container(), "readinessProbe", "httpGet", "path");

        Assert.Contains(probe, new[] { "/status-0123456789abcdef", "/internal-status-0123456789abcdef" });
        Assert.All(
            manifest.Objects("Service"),
            service => Assert.All(Pairs(service, "spec", "selector"), pair => Assert.Equal(pair.Value, labels[pair.Key])));
    }

    private static KubernetesManifest Manifest(string file) => Read(Path.Combine(Folder(), file));

    private static string Folder([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "../../../deploy/kubernetes"));
}
