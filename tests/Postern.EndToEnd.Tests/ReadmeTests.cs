using System.Text.RegularExpressions;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>What the README tells people to type.</summary>
public sealed partial class ReadmeTests(RunningSystem system)
{
    [Fact]
    public async Task The_settings_file_of_the_readme_connects_a_gateway()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(GeneratedDocument.Root, "README.md"));
        var settings = HereDocument().Match(readme).Groups[1].Value;
        Assert.Contains("config.service.auth=azureAdApp", settings, StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("gateway.env"), Variable().Replace(settings, variable => system[variable.Groups[1].Value]));

        await using var gateway = RunningSystem.StartGateway(
            new Dictionary<string, string?> { ["SSL_CERT_FILE"] = system["CA_FILE"] }, "--settings", folder.In("gateway.env"));
        var address = await RunningSystem.HttpAddressAsync(gateway);
        await Until.TrueAsync("the gateway serves the sample", async () =>
            (await system.CallAsync("/sales/orders/17", gateway: address.GetLeftPart(UriPartial.Authority))).Status == 200);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    [Fact]
    public void Commands_of_the_documents_exist()
    {
        foreach (var document in (string[])["README.md", "CONTRIBUTING.md"])
        {
            foreach (Match command in RepositoryCommand().Matches(File.ReadAllText(Path.Combine(GeneratedDocument.Root, document))))
            {
                Assert.True(File.Exists(Path.Combine(GeneratedDocument.Root, command.Groups[1].Value)), $"{document}: {command.Value}");
            }
        }
    }

    [GeneratedRegex(@"cat > gateway\.env <<EOF\n(.*?)\nEOF", RegexOptions.Singleline)]
    private static partial Regex HereDocument();

    [GeneratedRegex(@"\$([A-Z_]+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?:`|^)(?:\./)?(postern|test|bench/compare)(?= |`|$)", RegexOptions.Multiline)]
    private static partial Regex RepositoryCommand();
}
