using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Postern.Authority.Tests.Clients;

/// <summary>The Azure CLI as installed, with a configuration folder of its own that knows one cloud: ours.</summary>
internal sealed class AzureCli(TestAuthority authority, Uri resourceManager) : IDisposable
{
    private const string Executable = "/usr/bin/az";

    private readonly string _folder = NewConfiguration(authority, resourceManager);

    public static bool IsInstalled => File.Exists(Executable);

    public async Task<JsonNode?> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await TryAsync(arguments);
        Assert.True(code == 0, $"az {string.Join(' ', arguments)}\n{errors}");
        return output.Trim().Length == 0 ? null : JsonNode.Parse(output);
    }

    public async Task<(int Code, string Output, string Errors)> TryAsync(params string[] arguments)
    {
        using var process = new Process { StartInfo = new(Executable, [.. arguments, "--output", "json"]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["AZURE_CONFIG_DIR"] = _folder,
            ["REQUESTS_CA_BUNDLE"] = authority.Certificates.CaFile,
            ["SSL_CERT_FILE"] = authority.Certificates.CaFile,
            ["AZURE_CORE_COLLECT_TELEMETRY"] = "false",
            ["AZURE_CORE_ERROR_RECOMMENDATION"] = "off",
            ["AZURE_EXTENSION_USE_DYNAMIC_INSTALL"] = "no",
            ["AZURE_CORE_NO_COLOR"] = "true",
        })
        {
            process.StartInfo.Environment[name] = value;
        }

        process.Start();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What <c>az cloud register</c>, <c>update</c> and <c>set</c> would write.</summary>
    private static string NewConfiguration(TestAuthority authority, Uri resourceManager)
    {
        var folder = Directory.CreateTempSubdirectory("postern-az-").FullName;
        File.WriteAllText(Path.Combine(folder, "clouds.config"), $"""
            [local]
            endpoint_active_directory = {authority.Origin}/adfs
            endpoint_active_directory_resource_id = {resourceManager}
            endpoint_active_directory_graph_resource_id = {authority.Origin}/
            endpoint_microsoft_graph_resource_id = {authority.Origin}/
            endpoint_management = {resourceManager}
            endpoint_resource_manager = {resourceManager}
            """);
        File.WriteAllText(Path.Combine(folder, "config"), "[cloud]\nname = local\n");
        return folder;
    }
}
