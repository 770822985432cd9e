using Postern.Gateway.Settings;

namespace Postern.Gateway.Tests.Settings;

public sealed class SettingsTests
{
    private const string Token = "GatewayKey edge&202601010000&c2ln==";

    [Fact]
    public void A_settings_file_reads_as_docker_does()
    {
        var settings = SettingsFile.Parse("""
            # comment
            config.service.endpoint=https://x.example/?a=b

              indented=1
            quoted="stays"
            empty=
            twice=1
            twice=2
            """);

        Assert.Equal("https://x.example/?a=b", settings["config.service.endpoint"]);
        Assert.Equal("1", settings["indented"]);
        Assert.Equal("\"stays\"", settings["quoted"]);
        Assert.Equal("", settings["empty"]);
        Assert.Equal("2", settings["twice"]);
        Assert.Equal(5, settings.Count);
    }

    [Theory]
    [InlineData("just-a-name\n", "line 1")]
    [InlineData("\na=b\n=value", "line 3")]
    [InlineData("a b=c", "blank")]
    public void A_broken_settings_file_is_refused_with_its_line(string text, string told) =>
        Assert.Contains(told, Assert.Throws<FormatException>(() => SettingsFile.Parse(text)).Message);

    [Theory]
    [InlineData("contoso.configuration.example", "https://contoso.configuration.example/")]
    [InlineData("https://contoso.configuration.example", "https://contoso.configuration.example/")]
    [InlineData("https://contoso.configuration.example///", "https://contoso.configuration.example/")]
    [InlineData("localhost:8443", "https://localhost:8443/")]
    [InlineData(" contoso.example ", "https://contoso.example/")]
    public void The_endpoint_may_be_a_host_or_an_address(string given, string address) =>
        Assert.Equal(address, Read(("config.service.endpoint", given), ("config.service.auth", Token)).Configuration.Endpoint.ToString());

    [Theory]
    [InlineData("GatewayKey edge&202601010000&c2ln==")]
    [InlineData("GatewayKey edge&202601010000&c2ln==\n")]
    [InlineData("edge&202601010000&c2ln==")]
    public void A_gateway_token_names_the_gateway(string token)
    {
        var settings = Read(("config.service.endpoint", "x"), ("config.service.auth", "key"), ("config.service.auth.key", token));

        Assert.Equal("edge", settings.GatewayName);
        Assert.Equal(Token, Assert.IsType<ConfigurationAuth.GatewayToken>(settings.Configuration.Auth).Token);
    }

    [Fact]
    public void An_entra_application_is_read_with_the_published_defaults()
    {
        var settings = Read(
            ("config.service.endpoint", "x"), ("config.service.auth", "azureAdApp"), ("gateway.name", "edge"),
            ("config.service.auth.azureAd.tenantId", "t"), ("config.service.auth.azureAd.clientId", "c"), ("config.service.auth.azureAd.clientSecret", "s"));

        Assert.Equal(
            new ConfigurationAuth.ClientSecret("t", "c", "s", new("https://login.microsoftonline.com/"), "https://azure-api.net/configuration"),
            settings.Configuration.Auth);
        Assert.Equal(TimeSpan.FromSeconds(100), settings.Configuration.Timeout);
        Assert.DoesNotContain("s ", settings.Configuration.Auth.ToString());
    }

    [Fact]
    public void A_workload_identity_is_read_from_what_the_webhook_injects()
    {
        var settings = Read(
            ("config.service.endpoint", "x"), ("config.service.auth", "workloadIdentity"), ("gateway.name", "edge"),
            ("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"), ("AZURE_FEDERATED_TOKEN_FILE", "/f"), ("AZURE_AUTHORITY_HOST", "https://login.example/"));

        Assert.Equal(
            new ConfigurationAuth.WorkloadIdentity("t", "c", "/f", new("https://login.example/"), "https://azure-api.net/configuration"),
            settings.Configuration.Auth);
    }

    [Theory]
    [InlineData("config.service.auth", "nonsense", "G201", "azureAdApp")]
    [InlineData("config.service.auth", "", "G202", "azureAdApp")]
    [InlineData("config.service.auth", "GatewayKey broken", "G201", "signature")]
    [InlineData("config.service.endpoint", "", "G202", "host name")]
    [InlineData("config.service.endpoint", "http://plain", "G201", "https://")]
    [InlineData("config.service.integration.timeout", "soon", "G201", "hh:mm:ss")]
    [InlineData("telemetry.logs.std", "xml", "G201", "none, text, json")]
    [InlineData("telemetry.logs.std.level", "chatty", "G201", "all, debug, info, warn, error, fatal")]
    [InlineData("telemetry.logs.std.color", "yes", "G201", "true or false")]
    [InlineData("neighborhood.heartbeat.port", "0", "G201", "65535")]
    [InlineData("telemetry.metrics.local", "statsd", "G202", "host:port")]
    [InlineData("telemetry.metrics.local.statsd.sampling", "2", "G201", "0 to 1")]
    [InlineData("observability.opentelemetry.histogram.buckets", "10,5", "G201", "growing")]
    [InlineData("net.server.tls.ciphers.allowed-suites", "TLS_NOTHING", "G201", "IANA")]
    public void A_broken_setting_is_named_with_what_is_accepted(string name, string value, string id, string told)
    {
        var problems = Assert.Throws<GatewaySettingsException>(() => Read(("config.service.endpoint", "x"), ("config.service.auth", Token), (name, value))).Problems;

        Assert.Contains(problems, problem => problem.Id == id && problem.Message.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void All_mistakes_are_told_at_once_and_no_secret_with_them()
    {
        var problems = Assert.Throws<GatewaySettingsException>(() => Read(
            ("config.service.auth", "GatewayKey hush hush"), ("telemetry.logs.std", "xml"))).Problems;

        Assert.Equal(3, problems.Count);
        Assert.DoesNotContain(problems, problem => problem.Message.Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public void A_misspelled_setting_is_a_warning_and_others_names_are_not()
    {
        var settings = Read(
            ("config.service.endpoint", "x"), ("config.service.auth", Token), ("config.servise.auth", "x"), ("PATH", "/bin"),
            ("runtime.deployment.mechanism", "Helm"), ("Config.Service.Endpoint", "x"));

        Assert.Equal(["Config.Service.Endpoint", "config.servise.auth"], settings.Warnings.Select(warning => warning.Name));
        Assert.Equal("Helm", settings.Deployment["runtime.deployment.mechanism"]);
    }

    private static GatewaySettings Read(params (string Name, string Value)[] settings)
    {
        var values = new Dictionary<string, string>();
        foreach (var (name, value) in settings)
        {
            values[name] = value;
        }

        return GatewaySettings.Read(values);
    }
}
