using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Postern.Testing;

/// <summary>A throw-away Redis on a port of its own, without persistence; can be killed, started again and frozen.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/redis-server";

    private readonly string _folder = Directory.CreateTempSubdirectory("postern-redis-").FullName;
    private readonly string[] _arguments;
    private readonly bool _tls;
    private Process? _process;

    private RedisServer(string[] arguments, bool tls)
    {
        _arguments = arguments;
        _tls = tls;
    }

    public int Port { get; private set; }

    /// <summary>Null when Redis is not installed.</summary>
    /// <param name="tls">PEM files of a certificate, its key and its authority: the port then speaks TLS only.</param>
    /// <param name="more">Further arguments.</param>
    public static async Task<RedisServer?> StartAsync(string? password = null, (string Certificate, string Key, string Authority)? tls = null, params string[] more)
    {
        if (!File.Exists(Program))
        {
            return null;
        }

        List<string> arguments = [.. more];
        if (password is not null)
        {
            arguments.AddRange(["--requirepass", password]);
        }

        if (tls is { } files)
        {
            arguments.AddRange(["--tls-cert-file", files.Certificate, "--tls-key-file", files.Key, "--tls-ca-cert-file", files.Authority, "--tls-auth-clients", "no"]);
        }

        var server = new RedisServer([.. arguments], tls is not null);
        await server.StartAnewAsync();
        return server;
    }

    /// <summary>Starts it after <see cref="KillAsync"/>, empty, on the port that it had.</summary>
    public async Task StartAnewAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            if (attempt > 0 || Port == 0)
            {
                Port = FreePort();
            }

            if (await TryStartAsync())
            {
                return;
            }

            if (attempt == 5)
            {
                throw new InvalidOperationException("redis-server does not start.");
            }
        }
    }

    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Stops the process without ending it: connections stay open and nothing is answered.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Runs redis-cli and gives what it prints.</summary>
    public async Task<string> CliAsync(params string[] words)
    {
        var start = new ProcessStartInfo("/usr/bin/redis-cli") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] all = ["-p", $"{Port}", .. words];
        Array.ForEach(all, start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> TryStartAsync()
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardOutput = true, WorkingDirectory = _folder };
        string[] ports = _tls ? ["--port", "0", "--tls-port", $"{Port}"] : ["--port", $"{Port}"];
        string[] all = [.. ports, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder, .. _arguments];
        Array.ForEach(all, start.ArgumentList.Add);
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _process = process;
                _ = DrainAsync(process.StandardOutput);
                return true;
            }
        }

        await process.WaitForExitAsync();
        process.Dispose();
        return false;
    }

    /// <summary>A full pipe would block the server.</summary>
    private static async Task DrainAsync(StreamReader output)
    {
        try
        {
            while (await output.ReadLineAsync() is not null)
            {
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The server was killed.
        }
    }

    private async Task SignalAsync(string signal)
    {
        // The shell's own: a bare container has no program of that name.
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process!.Id}"]);
        await kill.WaitForExitAsync();
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
