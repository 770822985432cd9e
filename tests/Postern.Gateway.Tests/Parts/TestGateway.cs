using System.Net.Security;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Settings;
using Postern.Hosting;
using Postern.Hosting.Tls;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Parts;

/// <summary>A gateway on free ports with its own configuration server, over real TLS.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly string _folder;

    private TestGateway(string folder, FakeConfigurationServer configuration, DevelopmentCertificates certificates)
    {
        Certificates = certificates;
        _folder = folder;
        Configuration = configuration;
        Roots = TrustedRoots.FromPath(certificates.CaFile);
        Backup = Path.Combine(folder, "backup");
    }

    public FakeConfigurationServer Configuration { get; private set; }

    public DevelopmentCertificates Certificates { get; }

    public TrustedRoots Roots { get; }

    public string Backup { get; }

    public GatewayServer Server { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public CapturedLogs Logs { get; } = new();

    /// <summary>Starts a gateway that has the given entities, and waits until it is ready.</summary>
    public static async Task<TestGateway> StartAsync(params IEnumerable<SnapshotEntity> entities)
    {
        var gateway = await PrepareAsync();
        await gateway.ServeAsync(entities);
        return gateway;
    }

    /// <summary>One whose only API, <c>/echo</c>, has this backend.</summary>
    public static Task<TestGateway> ToAsync(Uri backend) => StartAsync(Entities.Api("echo", "echo", backend.ToString()));

    /// <summary>Everything but the gateway itself.</summary>
    public static async Task<TestGateway> PrepareAsync()
    {
        var folder = Directory.CreateTempSubdirectory("postern-gateway-").FullName;
        var certificates = DevelopmentCertificates.LoadOrCreate(folder, TimeProvider.System);
        return new(folder, await FakeConfigurationServer.StartAsync(certificates), certificates);
    }

    /// <summary>Starts the gateway with these entities and waits until it is ready; for those that need its certificates first.</summary>
    public async Task ServeAsync(params IEnumerable<SnapshotEntity> entities)
    {
        Configuration.Put([Entities.Service, .. entities]);
        await StartServerAsync();
        await Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public Task StartServerAsync(params (string Name, string Value)[] settings) => StartServerAsync(Roots, settings);

    public Task StartServerAsync(Func<GatewayOptions, GatewayOptions> change, params (string Name, string Value)[] settings) => StartServerAsync(change(Options(Roots, settings)));

    /// <summary>As another process would: the client begins anew with it.</summary>
    public Task RestartServerAsync(params (string Name, string Value)[] settings) => StartServerAsync(Roots, settings);

    public Task StartServerAsync(TrustedRoots roots, params (string Name, string Value)[] settings) => StartServerAsync(Options(roots, settings));

    private async Task StartServerAsync(GatewayOptions options)
    {
        Server = await GatewayServer.StartAsync(options);
        Client?.Dispose();
        Client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, SslOptions = Trusting() }) { BaseAddress = Server.HttpAddress };
    }

    public Task StartAnotherOnAsync(int port) => GatewayServer.StartAsync(Options(Roots, []) with { Http = ListenAddress.Loopback(port) });

    private GatewayOptions Options(TrustedRoots roots, (string Name, string Value)[] settings)
    {
        var values = new Dictionary<string, string>
        {
            ["config.service.endpoint"] = Configuration.Address.ToString(),
            ["config.service.auth"] = "GatewayKey edge&202601010000&c2lnbmF0dXJl",
            ["config.backup.path"] = Backup,
        };
        foreach (var (name, value) in settings)
        {
            values[name] = value;
        }

        return new()
        {
            Settings = GatewaySettings.Read(values),
            Http = ListenAddress.Loopback(),
            Https = ListenAddress.Loopback(),
            Roots = roots,
            Logging = Logging(),
        };
    }

    private ILoggerFactory Logging() =>
        LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddFilter("Microsoft", LogLevel.Warning).AddProvider(Logs));

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(path);

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        await Configuration.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static SslClientAuthenticationOptions Trusting() => new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
}
