using System.Text.RegularExpressions;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>The commands of docs/tls.md, as a reader pastes them after those of docs/clients.md.</summary>
public sealed class TlsCommandsTests(RunningSystem system)
{
    [Fact]
    public async Task The_documents_commands_give_a_host_name_that_takes_client_certificates()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateSymbolicLink(folder.In(".postern"), Path.GetFullPath(Path.Combine(Path.GetDirectoryName(system["CA_FILE"])!, "..")));
        var commands = $"{await CommandsAsync("clients.md")} > /dev/null\n{await CommandsAsync("tls.md")}";

        var result = await ClientProcess.RunAsync("bash", ["-eu", "-c", commands], new Dictionary<string, string?> { ["AZURE_CORE_COLLECT_TELEMETRY"] = "false" }, AzureCli.Cure, folder.Path);

        Assert.True(result.Code == 0, $"{AzureCli.Cure}\n{result}");
        var lines = result.Output.Trim().Split('\n');
        Assert.Equal("CN=alice", lines[^2]);
        Assert.Contains("Invalid client certificate", lines[^1], StringComparison.Ordinal);
    }

    private static async Task<string> CommandsAsync(string document) => Assert.Single(Regex.Matches(
        await File.ReadAllTextAsync(Path.Combine(GeneratedDocument.Root, "docs", document), TestContext.Current.CancellationToken), "```bash\n(.*?)```", RegexOptions.Singleline)).Groups[1].Value.TrimEnd();
}
