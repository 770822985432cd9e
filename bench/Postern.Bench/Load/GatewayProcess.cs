using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Postern.Gateway.Tests.Parts;
using Postern.Hosting.Tls;
using Postern.Snapshots;

namespace Postern.Bench.Load;

/// <summary><c>postern gateway</c> as a process of its own, with a configuration that this process serves. Linux only: it reads <c>/proc</c>.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly double TicksPerSecond = 100;

    private readonly Process _process;
    private readonly string _folder;

    private GatewayProcess(Process process, string folder, FakeConfigurationServer configuration, int http, int https)
    {
        _process = process;
        _folder = folder;
        Configuration = configuration;
        HttpPort = http;
        HttpsPort = https;
    }

    public FakeConfigurationServer Configuration { get; }

    public int HttpPort { get; }

    public int HttpsPort { get; }

    /// <summary>Bytes that are in memory now.</summary>
    public long ResidentBytes => Status("VmRSS");

    /// <summary>From the start of the process until it was ready, to 10 ms or so.</summary>
    public TimeSpan TimeToReady { get; private set; }

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            var fields = File.ReadAllText($"/proc/{_process.Id}/stat").Split(") ")[1].Split(' ');
            return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
        }
    }

    /// <param name="postern">The executable.</param>
    /// <returns>A gateway that is ready.</returns>
    public static async Task<GatewayProcess> StartAsync(string postern, IEnumerable<SnapshotEntity> entities)
    {
        var folder = Directory.CreateTempSubdirectory("postern-load-").FullName;
        var certificates = DevelopmentCertificates.LoadOrCreate(folder, TimeProvider.System);
        var configuration = await FakeConfigurationServer.StartAsync(certificates);
        configuration.Put([Entities.Service, .. entities]);
        await File.WriteAllTextAsync(Path.Combine(folder, "gateway.env"), $"""
            config.service.endpoint={configuration.Address}
            config.service.auth=GatewayKey edge&202601010000&c2lnbmF0dXJl
            telemetry.logs.std.level=warn
            """);
        var (http, https) = (FreePort(), FreePort());
        var start = new ProcessStartInfo(postern, ["gateway", "--settings", Path.Combine(folder, "gateway.env"), "--http", $"127.0.0.1:{http}", "--https", $"127.0.0.1:{https}"]);
        start.Environment["SSL_CERT_FILE"] = certificates.CaFile;
        var gateway = new GatewayProcess(Process.Start(start)!, folder, configuration, http, https);
        await gateway.ReadyAsync();
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await Configuration.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ReadyAsync()
    {
        using var client = new HttpClient();
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2))
        {
            try
            {
                using var answer = await client.GetAsync($"http://127.0.0.1:{HttpPort}/status-0123456789abcdef");
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    TimeToReady = Stopwatch.GetElapsedTime(began);
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        throw new TimeoutException("The gateway was not ready within two minutes.");
    }

    private long Status(string name) =>
        long.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
