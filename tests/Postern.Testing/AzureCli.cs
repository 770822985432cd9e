using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Postern.Testing;

/// <summary>The Azure CLI as installed, with a configuration folder of its own that knows one cloud: ours.</summary>
public sealed class AzureCli(string caFile, Uri authority, Uri resourceManager) : IDisposable
{
    private const string Executable = "/usr/bin/az";

    private readonly string _folder = NewConfiguration(authority.AbsoluteUri.TrimEnd('/'), resourceManager);

    public static bool IsInstalled => File.Exists(Executable);

    /// <exception cref="InvalidOperationException">The command failed; the message has what it printed.</exception>
    public async Task<JsonNode?> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await TryAsync(arguments);
        return code != 0 ? throw new InvalidOperationException($"az {string.Join(' ', arguments)}\n{errors}")
            : output.Trim().Length == 0 ? null
            : JsonNode.Parse(output);
    }

    public async Task<(int Code, string Output, string Errors)> TryAsync(params string[] arguments)
    {
        using var process = new Process { StartInfo = new(Executable, [.. arguments, "--output", "json"]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["AZURE_CONFIG_DIR"] = _folder,
            ["REQUESTS_CA_BUNDLE"] = caFile,
            ["SSL_CERT_FILE"] = caFile,
            ["AZURE_CORE_COLLECT_TELEMETRY"] = "false",
            ["AZURE_CORE_ERROR_RECOMMENDATION"] = "off",
            ["AZURE_EXTENSION_USE_DYNAMIC_INSTALL"] = "no",
            ["AZURE_CORE_NO_COLOR"] = "true",
        })
        {
            process.StartInfo.Environment[name] = value;
        }

        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What <c>az cloud register</c>, <c>update</c> and <c>set</c> would write.</summary>
    private static string NewConfiguration(string authority, Uri resourceManager)
    {
        var folder = Directory.CreateTempSubdirectory("postern-az-").FullName;
        File.WriteAllText(Path.Combine(folder, "clouds.config"), $"""
            [local]
            endpoint_active_directory = {authority}/adfs
            endpoint_active_directory_resource_id = {resourceManager}
            endpoint_active_directory_graph_resource_id = {authority}/
            endpoint_microsoft_graph_resource_id = {authority}/
            endpoint_management = {resourceManager}
            endpoint_resource_manager = {resourceManager}
            """);
        File.WriteAllText(Path.Combine(folder, "config"), "[cloud]\nname = local\n");
        return folder;
    }
}
