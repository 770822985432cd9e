using System.Diagnostics;
using System.Globalization;

namespace Postern.Testing;

/// <summary>A throw-away PostgreSQL server in a temporary folder, reached over a socket in that folder.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _bin;
    private readonly bool _keeps;
    private int _databases;

    private PostgresServer(string folder, string bin, bool keeps)
    {
        _folder = folder;
        _bin = bin;
        _keeps = keeps;
    }

    /// <summary>Null when PostgreSQL is not installed.</summary>
    /// <param name="keeps">Whether it waits for the disk, as one does whose data anybody wants again: for tests of just that.</param>
    public static async Task<PostgresServer?> StartAsync(bool keeps = false)
    {
        if (FindBin() is not { } bin)
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("postern-pg-").FullName;
        var server = new PostgresServer(folder, bin, keeps);
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

    /// <summary>Starts the server again after <see cref="Kill"/>; it recovers first.</summary>
    public Task RestartAsync() => RunAsPostgresAsync(
        "pg_ctl", "-D", $"{_folder}/data", "-w", "-l", $"{_folder}/log", "-o",
        $"-c listen_addresses= -c unix_socket_directories={_folder} -c max_connections=200{(_keeps ? "" : " -c fsync=off -c full_page_writes=off")}", "start");

    /// <summary><c>kill -9</c> of every server process, before this returns: none of them gets to write anything any more.</summary>
    public void Kill()
    {
        var file = $"{_folder}/data/postmaster.pid";
        var server = int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture);

        // The one that would start others goes first.
        int[] all = [server, .. ChildrenOf(server)];
        Process[] processes = [.. all.Select(Find).OfType<Process>()];
        foreach (var process in processes)
        {
            process.Kill();
        }

        foreach (var process in processes)
        {
            process.WaitForExit();
            process.Dispose();
        }

        // A killed process that nobody asks about keeps its number, and a server whose number is taken is thought to run.
        File.Delete(file);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsPostgresAsync("pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private static IEnumerable<int> ChildrenOf(int parent) =>
        from folder in Directory.GetDirectories("/proc")
        where int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) && ParentOf(process) == parent
        select int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);

    private static int? ParentOf(int process)
    {
        try
        {
            // The second field is a name in brackets, in which anything may stand.
            var status = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <returns>Null when it has ended.</returns>
    private static Process? Find(int process)
    {
        try
        {
            return Process.GetProcessById(process);
        }
        catch (ArgumentException)
        {
            return null;
        }
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
