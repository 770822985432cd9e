using System.Text.RegularExpressions;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>The commands of docs/clients.md, as a reader pastes them.</summary>
[Collection(ClientsCollection.Name)]
public sealed class DocumentedCommandsTests(RunningSystem system)
{
    [Fact]
    public async Task The_documents_commands_log_az_in_and_list_the_apis()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(GeneratedDocument.Root, "docs", "clients.md"), TestContext.Current.CancellationToken);
        var commands = Assert.Single(Regex.Matches(document, "```bash\n(.*?)```", RegexOptions.Singleline)).Groups[1].Value;
        using var folder = new TemporaryFolder();
        Directory.CreateSymbolicLink(folder.In(".postern"), Path.GetFullPath(Path.Combine(Path.GetDirectoryName(system["CA_FILE"])!, "..")));

        var result = await ClientProcess.RunAsync("bash", ["-eu", "-c", commands], new Dictionary<string, string?> { ["AZURE_CORE_COLLECT_TELEMETRY"] = "false" }, AzureCli.Cure, folder.Path);

        Assert.True(result.Code == 0, $"{AzureCli.Cure}\n{result}");
        Assert.Contains("orders", result.Output, StringComparison.Ordinal);
    }
}
