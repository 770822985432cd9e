using System.Security.Cryptography;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>npm's <c>@azure/identity</c>, <c>@azure/arm-apimanagement</c> and <c>@azure/arm-authorization</c>; the calls are in <c>tests/clients/node</c>. They make services, which others would count.</summary>
[Collection(nameof(NobodyElse))]
public sealed class NodeClientTests(OwnSystem system)
{
    private const string Cure = "These tests run Node.js 18 or newer with npm: apt-get install nodejs npm (./test does that).";

    private static readonly string Source = Path.Combine(GeneratedDocument.Root, "tests", "clients", "node");

    [Fact]
    public async Task The_packages_of_npm_do_everything_that_their_tests_say()
    {
        var folder = await InstalledAsync();
        await using var app = new RegisteredApp(system);
        await app.InitializeAsync();
        foreach (var file in Directory.EnumerateFiles(Source, "*.js"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        var environment = system.Connection.ToDictionary(pair => pair.Key, string? (pair) => pair.Value);
        environment["NODE_EXTRA_CA_CERTS"] = system["CA_FILE"];
        environment["APP_ID"] = app.ClientId;
        environment["APP_PRINCIPAL"] = app.PrincipalId;
        environment["APP_SECRET"] = app.Secret;
        environment["APP_CERTIFICATE"] = app.CertificateFile;
        environment["APP_TOKEN"] = app.Token;
        environment["APP_TOKEN_FILE"] = app.TokenFile;
        var result = await ClientProcess.RunAsync("node", ["--test", "--test-reporter=tap", "--test-concurrency=1"], environment, Cure, folder);

        Assert.True(result.Code == 0, result.ToString());
        Assert.Contains("# fail 0", result.Output, StringComparison.Ordinal);
        Assert.Contains("# skipped 0", result.Output, StringComparison.Ordinal);
        var written = Directory.EnumerateFiles(Source, "*.test.js").Sum(file => File.ReadLines(file).Count(line => line.StartsWith("test(", StringComparison.Ordinal)));
        Assert.Contains($"# pass {written}", result.Output, StringComparison.Ordinal);
    }

    /// <summary>The packages as locked, installed once for each lock file; node_modules is never in the repository's folder.</summary>
    private static async Task<string> InstalledAsync()
    {
        var version = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Source, "package-lock.json"))))[..16];
        var folder = Path.Combine(Path.GetTempPath(), $"postern-node-{Environment.UserName}-{version}");
        var done = Path.Combine(folder, "node_modules", ".installed");
        if (!File.Exists(done))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (var name in (string[])["package.json", "package-lock.json"])
            {
                File.Copy(Path.Combine(Source, name), Path.Combine(folder, name), overwrite: true);
            }

            var result = await ClientProcess.RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], new Dictionary<string, string?>(), Cure, folder);
            Assert.True(result.Code == 0, $"npm ci\n{result}");
            await File.WriteAllTextAsync(done, "");
        }

        return folder;
    }
}
