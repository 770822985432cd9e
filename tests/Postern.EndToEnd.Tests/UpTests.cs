using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>The first command of the README, as a user runs it.</summary>
public sealed class UpTests
{
    private static readonly string[] Names =
    [
        "AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_SUBSCRIPTION_ID", "ARM_ENDPOINT",
        "RESOURCE_GROUP", "SERVICE_NAME", "CONFIGURATION_ENDPOINT", "GATEWAY_URL", "PORTAL_URL", "SUBSCRIPTION_KEY", "CA_FILE",
    ];

    [Fact]
    public void Secrets_that_it_makes_can_be_arguments_of_commands()
    {
        var secrets = Enumerable.Range(0, 500).Select(_ => Up.UpIdentity.Secret(32)).ToList();

        Assert.All(secrets, secret => Assert.Matches("^[A-Za-z0-9]{43}$", secret));
        Assert.Equal(500, secrets.Distinct().Count());
    }

    [Fact]
    public async Task Up_prints_a_curl_that_works_keeps_its_data_and_resets_it()
    {
        using var folder = new TemporaryFolder();
        var data = folder.In("data");
        Dictionary<string, string> first;
        await using (var up = await StartedAsync(data))
        {
            first = RunningSystem.ReadConnection(data);
            Assert.All(Names, name => Assert.False(string.IsNullOrEmpty(first.GetValueOrDefault(name)), name));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(data, "connection.env")));
            var curl = (await up.LineAsync(line => line.Contains("curl ", StringComparison.Ordinal))).Trim();
            Assert.Equal("200", await ShellAsync($"{curl} -s -o /dev/null -w '%{{http_code}}'"));
            Assert.Equal(0, await up.InterruptAsync());
        }

        await using (var up = await StartedAsync(data))
        {
            var second = RunningSystem.ReadConnection(data);
            Assert.Equal(first["SUBSCRIPTION_KEY"], second["SUBSCRIPTION_KEY"]);
            Assert.Equal(first["AZURE_CLIENT_SECRET"], second["AZURE_CLIENT_SECRET"]);
            Assert.Equal("200", await ShellAsync($"source {data}/connection.env; curl -s -o /dev/null -w '%{{http_code}}' --cacert $CA_FILE -H \"Ocp-Apim-Subscription-Key: $SUBSCRIPTION_KEY\" $GATEWAY_URL/sales/orders/17"));
            Assert.Equal(0, await up.TerminateAsync());
        }

        await using (var up = await StartedAsync(data, "--reset"))
        {
            Assert.NotEqual(first["SUBSCRIPTION_KEY"], RunningSystem.ReadConnection(data)["SUBSCRIPTION_KEY"]);
        }
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var up = PosternProcess.Start(["up", "--data", folder.In("data"), "--ports", $"free,control-plane={port}"]);
        Assert.Equal(1, await up.ExitAsync());
        Assert.Contains($"Port {port}", up.Output, StringComparison.Ordinal);
        Assert.Contains("control-plane", up.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("portal", "'portal' is not name=port")]
    [InlineData("portal=70000", "is not name=port")]
    [InlineData("proxy=1", "no port named 'proxy'")]
    public async Task A_wrong_port_argument_is_explained(string argument, string message)
    {
        await using var up = PosternProcess.Start(["up", "--ports", argument]);
        Assert.Equal(1, await up.ExitAsync());
        Assert.Contains(message, up.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_leaves_a_foreign_folder_alone()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("thesis.txt"), "mine");
        await using var up = PosternProcess.Start(["up", "--reset", "--data", folder.Path, "--ports", "free"]);
        Assert.Equal(1, await up.ExitAsync());
        Assert.True(File.Exists(folder.In("thesis.txt")));
    }

    private static async Task<PosternProcess> StartedAsync(string data, params string[] more)
    {
        var up = PosternProcess.Start(["up", "--ports", "free", "--data", data, .. more]);
        await up.LineAsync(line => line.Contains("Ctrl-C stops everything", StringComparison.Ordinal), 120);
        return up;
    }

    private static async Task<string> ShellAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return output.Trim();
    }
}
