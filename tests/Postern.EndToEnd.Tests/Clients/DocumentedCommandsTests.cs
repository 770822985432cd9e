using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>The commands of the documents, as a reader pastes them one after the other, in a system of their own: they change it.</summary>
public sealed class DocumentedCommandsTests
{
    /// <summary>Half of the time goes by in clients that start: the documents are read by two readers at once, each before a system of its own.</summary>
    [Fact]
    public Task The_documents_commands_do_what_they_say() => Task.WhenAll(
        ReadAsync(async (_, folder) =>
        {
            Contains(await RunAsync(folder, Blocks("clients.md", "bash")), "orders");
            Contains(await RunAsync(folder, [Login, .. Blocks("tracing.md")]), "\"traceEntries\"", "/sales/orders/17", "\"value\": [");
            Contains(await RunAsync(folder, [Login, .. Blocks("caching.md")]), "\"connectionString\": \"{{Cache-default}}\"");
        }),
        ReadAsync(async (system, folder) =>
        {
            await ConfigurationAsync(system, folder);
            await File.WriteAllTextAsync(folder.In("my-policy.xml"), "<policies><inbound><base /></inbound></policies>", TestContext.Current.CancellationToken);
            var readme = Blocks("../README.md").Where(block => !block.Contains("./test", StringComparison.Ordinal) && !block.Contains("gateway.env", StringComparison.Ordinal));
            Contains(await RunAsync(folder, readme), "/v1/orders/17/details", "0 to create");
        }));

    private static async Task ReadAsync(Func<RunningSystem, TemporaryFolder, Task> read)
    {
        await using var system = new OwnSystem();
        await system.InitializeAsync();
        using var folder = new TemporaryFolder();
        Directory.CreateSymbolicLink(folder.In(".postern"), Path.GetDirectoryName(system.ConnectionFile)!);
        Directory.CreateSymbolicLink(folder.In("samples"), Path.Combine(GeneratedDocument.Root, "samples"));
        await File.WriteAllTextAsync(folder.In("postern"), $"#!/bin/sh\nexec dotnet '{PosternProcess.Program}' \"$@\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(folder.In("postern"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await read(system, folder);
    }

    private static async Task ConfigurationAsync(RunningSystem system, TemporaryFolder folder)
    {
        // The second service of config.md, with what its example overrides.
        await system.ArmAsync(HttpMethod.Put, $"{system.Service}/namedValues/api-key", JsonNode.Parse("""{"properties":{"displayName":"api-key","secret":true,"value":"one"}}"""));
        var second = system.Service.Replace($"/service/{system["SERVICE_NAME"]}", "/service/contoso-production", StringComparison.Ordinal);
        Assert.Equal(201, (await system.ArmAsync(HttpMethod.Put, second, JsonNode.Parse("""{"location":"local","sku":{"name":"Premium","capacity":1},"properties":{"publisherName":"a","publisherEmail":"a@b.example"}}"""))).Status);
        var overriding = Assert.Single(Blocks("config.md", "yaml")).Replace("{#api-key#}", "filled-by-the-pipeline", StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.In("configuration.production.yaml"), overriding, TestContext.Current.CancellationToken);
        Contains(
            await RunAsync(folder, Blocks("config.md").Select(block => block.Contains("import folder", StringComparison.Ordinal) ? $"cp -r backup folder\n{block}" : block)),
            "0 created, 0 changed, 0 deleted", "API Management Certificate Exporter");
        var production = await system.ArmAsync(HttpMethod.Get, $"{second}/apis/orders");
        Assert.Equal("https://orders.contoso.example", production.Json["properties"]!["serviceUrl"]!.GetValue<string>());
        Assert.True(File.Exists(folder.In("backup/configuration.secrets.yaml")));
    }

    /// <summary>What clients.md's commands leave in the reader's shell.</summary>
    private static string Login => string.Join('\n', Blocks("clients.md", "bash").Single().Split('\n').Where(line => line.StartsWith("set ", StringComparison.Ordinal) || line.StartsWith("export ", StringComparison.Ordinal)));

    private static List<string> Blocks(string document, string language = "sh") =>
        [.. Regex.Matches(File.ReadAllText(Path.Combine(GeneratedDocument.Root, "docs", document)), $"```{language}\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

    private static async Task<string> RunAsync(TemporaryFolder folder, IEnumerable<string> blocks)
    {
        var commands = string.Join('\n', blocks);
        Assert.NotEqual("", commands);
        var result = await ClientProcess.RunAsync(
            "bash", ["-eu", "-c", commands], new Dictionary<string, string?> { ["AZURE_CORE_COLLECT_TELEMETRY"] = "false", ["PYTHONWARNINGS"] = "ignore" }, AzureCli.Cure, folder.Path);
        Assert.True(result.Code == 0, $"{AzureCli.Cure}\n{commands}\n{result}");
        return result.Output;
    }

    private static void Contains(string output, params IEnumerable<string> expected) => Assert.All(expected, text => Assert.Contains(text, output, StringComparison.Ordinal));
}
