using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Postern.Gateway.Tests.Parts;
using Postern.Testing;

namespace Postern.Gateway.Tests.Clients;

/// <summary>npm's <c>@grpc/grpc-js</c> and <c>ws</c> on both sides of a gateway; the calls are in <c>tests/clients/protocols</c>.</summary>
public sealed class NodeProtocolTests
{
    private static readonly string Source = Path.Combine(GeneratedDocument.Root, "tests", "clients", "protocols");

    [Fact]
    public async Task Grpc_calls_of_all_four_kinds_and_web_sockets_pass()
    {
        var folder = await InstalledAsync();
        File.Copy(Path.Combine(Source, "protocols.js"), Path.Combine(folder, "protocols.js"), overwrite: true);
        using var node = ClientProgram.Start("node", "nodejs", folder, "--test-reporter=tap", "protocols.js");
        var ports = JsonNode.Parse(await node.ReadLineAsync())!;
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("grpc", "grpc", $"http://127.0.0.1:{ports["grpc"]}", operations:
                ["POST /shop.Orders/Unary", "POST /shop.Orders/ServerStream", "POST /shop.Orders/ClientStream", "POST /shop.Orders/Both"]) with
            { Type = "grpc" },
            Entities.Api("chat", "chat", $"ws://127.0.0.1:{ports["ws"]}", protocols: ["ws", "wss"]) with { Type = "websocket", Operations = [] });

        await node.WriteLineAsync(new JsonObject { ["http"] = $"localhost:{gateway.Server.HttpAddress.Port}", ["https"] = $"localhost:{gateway.Server.HttpsAddress.Port}" }.ToJsonString());
        var report = await node.EndAsync();

        Assert.Contains("# fail 0", report);
        Assert.Contains("# pass 14", report);
    }

    /// <summary>The packages as locked, installed once for each lock file; node_modules is never in the repository's folder.</summary>
    private static async Task<string> InstalledAsync()
    {
        var version = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Source, "package-lock.json"))))[..16];
        var folder = Path.Combine(Path.GetTempPath(), $"postern-protocols-{Environment.UserName}-{version}");
        var done = Path.Combine(folder, "node_modules", ".installed");
        if (!File.Exists(done))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (var name in (string[])["package.json", "package-lock.json"])
            {
                File.Copy(Path.Combine(Source, name), Path.Combine(folder, name), overwrite: true);
            }

            await ClientProgram.RunAsync("npm", "npm", "ci", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts");
            await File.WriteAllTextAsync(done, "");
        }

        return folder;
    }
}
