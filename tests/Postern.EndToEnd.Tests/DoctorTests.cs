using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary><c>postern doctor</c> names the first broken link of the chain, and nothing secret.</summary>
public sealed class DoctorTests(RunningSystem system)
{
    [Fact]
    public async Task A_sound_chain_is_walked_to_its_end()
    {
        var (code, output) = await ExamineAsync(_ => { });
        Assert.Equal(0, code);
        foreach (var link in (string[])["settings", "name", "tls", "authority", "token", "claims", "configuration"])
        {
            Assert.Contains($"✓ {link}:", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("config.service.auth.azureAd.clientSecret", "wrong", "✗ token:", "AADSTS7000215")]
    [InlineData("config.service.auth.azureAd.tenantId", "00000000-0000-0000-0000-000000000009", "✗ authority:", "does not know tenant")]
    [InlineData("config.service.auth.azureAd.clientId", "00000000-0000-0000-0000-000000000009", "✗ token:", "AADSTS700016")]
    [InlineData("config.service.auth.tokenAudience", "https://other.example", "✗ configuration:", "audience")]
    [InlineData("gateway.name", "nowhere", "✗ configuration:", "nowhere")]
    [InlineData("config.service.endpoint", "https://nowhere.invalid", "✗ name:", "G220")]
    [InlineData("config.service.endpoint", "https://localhost:1", "✗ tls:", "G220")]
    [InlineData("SSL_CERT_FILE", null, "✗ tls:", "G224")]
    [InlineData("config.service.auth", null, "✗ settings", "workloadIdentity")]
    public async Task The_first_broken_link_is_named(string name, string? value, string link, string told)
    {
        var (code, output) = await ExamineAsync(settings => settings[name] = value);
        Assert.Equal(1, code);
        Assert.Contains(link, output, StringComparison.Ordinal);
        Assert.Contains(told, output, StringComparison.Ordinal);
        Assert.DoesNotContain(system["GATEWAY_CLIENT_SECRET"], output, StringComparison.Ordinal);
        Assert.Equal(1, output.Split('✗').Length - 1);
    }

    [Fact]
    public async Task Behind_a_proxy_gateway_and_doctor_go_through_it()
    {
        await using var proxy = new ConnectProxy();
        var settings = system.GatewaySettings();
        settings["HTTPS_PROXY"] = proxy.Address.ToString();
        settings["NO_PROXY"] = null;
        var (code, output) = await ExamineAsync(examined => examined["HTTPS_PROXY"] = proxy.Address.ToString());
        Assert.Equal(0, code);
        Assert.Contains("✓ proxy:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("✓ tls:", output, StringComparison.Ordinal);

        await using var gateway = RunningSystem.StartGateway(settings);
        await gateway.LineAsync(line => line.Contains("ConfigInitialSyncCompleted", StringComparison.Ordinal));
        Assert.Contains(new Uri(system["CONFIGURATION_ENDPOINT"]).Authority, proxy.Tunnels);
        Assert.Contains(new Uri(system["AZURE_AUTHORITY_HOST"]).Authority, proxy.Tunnels);
    }

    private async Task<(int Code, string Output)> ExamineAsync(Action<Dictionary<string, string?>> change)
    {
        var settings = system.GatewaySettings();
        change(settings);
        await using var doctor = PosternProcess.Start(["doctor"], settings);
        return (await doctor.ExitAsync(), doctor.Output);
    }
}
