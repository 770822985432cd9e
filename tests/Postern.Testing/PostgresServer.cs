using System.Diagnostics;

namespace Postern.Testing;

/// <summary>A throw-away PostgreSQL server in a temporary folder, reached over a socket in that folder.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _bin;
    private int _databases;

    private PostgresServer(string folder, string bin)
    {
        _folder = folder;
        _bin = bin;
    }

    /// <summary>Null when PostgreSQL is not installed.</summary>
    public static async Task<PostgresServer?> StartAsync()
    {
        if (FindBin() is not { } bin)
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("postern-pg-").FullName;
        var server = new PostgresServer(folder, bin);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "postgres", folder);
        }

        await server.RunAsPostgresAsync("initdb", "-D", $"{folder}/data", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync");
        await server.RestartAsync();
        return server;
    }

    /// <summary>Connection string of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await RunAsync(Path.Combine(_bin, "createdb"), "-h", _folder, "-U", "postgres", name);
        return $"Host={_folder};Username=postgres;Database={name}";
    }

    /// <summary>Starts the server again after <see cref="KillAsync"/>; it recovers first.</summary>
    public Task RestartAsync() => RunAsPostgresAsync(
        "pg_ctl", "-D", $"{_folder}/data", "-w", "-l", $"{_folder}/log", "-o", $"-c listen_addresses= -c unix_socket_directories={_folder} -c max_connections=200", "start");

    /// <summary>Ends every server process at once, as a power cut would.</summary>
    public Task KillAsync() => RunAsPostgresAsync("pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "stop");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string? FindBin() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Max()
            : null;

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private Task RunAsPostgresAsync(string program, params string[] arguments) => Environment.IsPrivilegedProcess
        ? RunAsync("runuser", ["-u", "postgres", "--", Path.Combine(_bin, program), .. arguments])
        : RunAsync(Path.Combine(_bin, program), arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Output goes nowhere on purpose: the daemon that pg_ctl leaves behind would keep a redirected pipe open for ever.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$@\" >/dev/null 2>&1 </dev/null");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }
}
