using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>
/// The Azure CLI as Debian packages it (2.45.0), with a configuration folder of its own and pointed at the running system by nothing but
/// its documented environment variables and commands.
/// </summary>
internal sealed class AzureCli(RunningSystem system) : IDisposable
{
    public const string Cure = "These tests run Debian's Azure CLI: apt-get install azure-cli (./test does that).";

    private readonly TemporaryFolder _folder = new();

    /// <summary>The authority under the name that needs no instance discovery, which this version does at a fixed host of the internet.</summary>
    public string Authority => system["AZURE_AUTHORITY_HOST"].TrimEnd('/') + "/adfs";

    /// <summary>Where <c>ARM_CLOUD_METADATA_URL</c> points; null leaves the clouds to <c>az cloud register</c>.</summary>
    public string? Metadata { get; init; }

    public string Configuration => _folder.Path;

    /// <summary>A file of this client's folder.</summary>
    public string File(string name, string text)
    {
        System.IO.File.WriteAllText(_folder.In(name), text);
        return _folder.In(name);
    }

    /// <summary>The same configuration with the client whose packaging defects are mended.</summary>
    public Task<JsonNode> MendedAsync(string command, params string[] more) => SucceedAsync(command, more, isMended: true);

    /// <param name="command">Words without spaces in them.</param>
    /// <param name="more">Words as they are.</param>
    /// <returns>What the command printed; an empty object when that was nothing.</returns>
    public Task<JsonNode> RunAsync(string command, params string[] more) => SucceedAsync(command, more, isMended: false);

    /// <summary>A command that must be refused.</summary>
    /// <returns>What it said.</returns>
    public async Task<string> RefusedAsync(string command, params string[] more)
    {
        var result = await StartAsync(command, more, isMended: false);
        Assert.True(result.Code != 0, $"az {command} was not refused: {result}");
        return result.Errors;
    }

    public async Task LoginAsync(string client, string tenant, params string[] proof) => await RunAsync(
        "login --service-principal --allow-no-subscriptions", ["--username", client, "--tenant", tenant, .. proof]);

    /// <summary>Another client with what this one knows now.</summary>
    public AzureCli Copy()
    {
        var copy = new AzureCli(system) { Metadata = Metadata };
        foreach (var file in Directory.EnumerateFiles(_folder.Path))
        {
            System.IO.File.Copy(file, copy._folder.In(Path.GetFileName(file)));
        }

        return copy;
    }

    public void Dispose() => _folder.Dispose();

    private async Task<JsonNode> SucceedAsync(string command, string[] more, bool isMended)
    {
        var result = await StartAsync(command, more, isMended);
        Assert.True(result.Code == 0, $"az {command} {string.Join(' ', more)}\n{result}");
        return string.IsNullOrWhiteSpace(result.Output) ? new JsonObject() : JsonNode.Parse(result.Output)!;
    }

    private Task<ClientResult> StartAsync(string command, string[] more, bool isMended)
    {
        string[] words = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. more, "--output", "json"];
        var mended = Path.Combine(GeneratedDocument.Root, "tests", "clients", "azure-cli", "mended_az.py");
        return ClientProcess.RunAsync(isMended ? "/usr/bin/python3" : "az", isMended ? [mended, .. words] : words, Environment(), Cure);
    }

    private Dictionary<string, string?> Environment() => new()
    {
        ["AZURE_CONFIG_DIR"] = _folder.Path,
        ["ARM_CLOUD_METADATA_URL"] = Metadata,
        ["REQUESTS_CA_BUNDLE"] = system["CA_FILE"],
        ["SSL_CERT_FILE"] = system["CA_FILE"],
        ["AZURE_CORE_COLLECT_TELEMETRY"] = "false",
        ["AZURE_CORE_ERROR_RECOMMENDATION"] = "off",
        ["AZURE_CORE_NO_COLOR"] = "true",
        ["AZURE_EXTENSION_USE_DYNAMIC_INSTALL"] = "no",
        ["PYTHONWARNINGS"] = "ignore",
    };
}
