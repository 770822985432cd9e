using System.Net.Quic;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Forwarding;
using Postern.Gateway.Listening;
using Postern.Gateway.Loading;
using Postern.Gateway.Settings;
using Postern.Gateway.State;
using Postern.Gateway.Telemetry.Sending;
using Postern.Hosting;
using Postern.Policies;

namespace Postern.Gateway;

/// <summary>A running gateway: listens at once, becomes ready with its first configuration, keeps itself up to date until disposed.</summary>
public sealed partial class GatewayServer : IAsyncDisposable
{
    private readonly GatewayListener _listener;
    private readonly GatewayOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<IDisposable> _owned;
    private readonly CancellationTokenSource _goodbye;
    private readonly Task[] _loops;
    private readonly TelemetryLoop _outgoing;
    private readonly ILogger _logger;
    private readonly CurrentState _current;
    private int _disposed;

    private GatewayServer(GatewayOptions options, GatewayListener listener, GatewayParts parts, ILogger logger)
    {
        _options = options;
        _listener = listener;
        _owned = parts.Owned;
        _goodbye = parts.Stopping;
        _outgoing = parts.Outgoing;
        _logger = logger;
        _current = parts.Current;
        Ready = parts.Configuration.Ready;
        List<Func<CancellationToken, Task>> loops = [parts.Configuration.RunAsync, parts.Heartbeat.RunAsync, parts.Backup.RunAsync, parts.Quotas.RunAsync, parts.Outgoing.RunAsync];
        if (options.Settings.Metrics.Cloud)
        {
            loops.Add(parts.Metrics.RunAsync);
        }

        _loops = [.. loops.Select(loop => Task.Run(() => loop(_stopping.Token)))];
    }

    /// <summary>Where the gateway listens for HTTP.</summary>
    public Uri HttpAddress => Address("http", _options.Http, _listener.HttpPort);

    public Uri HttpsAddress => Address("https", _options.Https, _listener.HttpsPort);

    /// <summary>Done when the gateway has its first configuration, from the control plane or from its backup.</summary>
    public Task Ready { get; }

    /// <summary>The revision in use; null before the first.</summary>
    public long? AppliedRevision => _current.State?.Revision;

    /// <summary>Version that heartbeats and logs report.</summary>
    public static string Version { get; } =
        typeof(GatewayServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    /// <summary>Binds the ports and begins to ask for the configuration; does not wait for it.</summary>
    /// <exception cref="ListenException">A port is taken or may not be used.</exception>
    public static async Task<GatewayServer> StartAsync(GatewayOptions options, CancellationToken cancellation = default)
    {
        var logger = options.Logging.CreateLogger<GatewayServer>();
        foreach (var warning in options.Settings.Warnings)
        {
            LogSettingWarning(logger, warning.ToString());
        }

        // While the first configuration is on its way; most have expressions.
        _ = PolicyCompilerWarmUp.Start();
        var parts = GatewayParts.Compose(options);
        try
        {
            var listener = await GatewayListener.StartAsync(options, parts.Application, parts.Current, parts.Tls, cancellation);
            LogStarted(logger, Version, listener.HttpPort, listener.HttpsPort);
            if (options.Settings.Http3)
            {
                LogHttp3(logger, listener.HttpsPort);
            }

            return new(options, listener, parts, logger);
        }
        catch
        {
            parts.Owned.ForEach(owned => owned.Dispose());
            throw;
        }
    }

    /// <summary>Stops accepting, lets requests in flight finish within the grace period, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        LogStopping(_logger);
        await _goodbye.CancelAsync();
        using (var grace = new CancellationTokenSource(_options.ShutdownGrace, _options.Time))
        {
            await _listener.StopAsync(grace.Token);
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
        await _outgoing.FlushAsync();
        await _listener.DisposeAsync();
        _owned.ForEach(owned => owned.Dispose());
        _stopping.Dispose();
    }

    private static Uri Address(string scheme, ListenAddress listen, int port)
    {
        var host = System.Net.IPAddress.IsLoopback(listen.Address) || listen.Address.Equals(System.Net.IPAddress.Any) || listen.Address.Equals(System.Net.IPAddress.IPv6Any)
            ? "localhost"
            : listen.Address.ToString();
        return new($"{scheme}://{host}:{port}/");
    }

    [LoggerMessage(EventId = 2001, EventName = "HostBootstrapperStarted", Level = LogLevel.Information, Message = "version: {Version}; listening on {Http} (http) and {Https} (https).")]
    private static partial void LogStarted(ILogger logger, string version, int http, int https);

    private static void LogHttp3(ILogger logger, int port)
    {
        if (QuicListener.IsSupported)
        {
            LogHttp3On(logger, port);
        }
        else
        {
            LogHttp3Missing(logger, KnownSettings.Http3);
        }
    }

    [LoggerMessage(EventId = 2004, EventName = "Http3Started", Level = LogLevel.Information, Message = "Listening for HTTP/3 on UDP port {Port}.")]
    private static partial void LogHttp3On(ILogger logger, int port);

    [LoggerMessage(EventId = 2005, EventName = "Http3Missing", Level = LogLevel.Warning, Message = "G270: HTTP/3 is asked for ({Setting}) but this platform has no QUIC: HTTP/1.1 and HTTP/2 are served. Install libmsquic.")]
    private static partial void LogHttp3Missing(ILogger logger, string setting);

    [LoggerMessage(EventId = 2006, EventName = "LocalAuthorityBroken", Level = LogLevel.Warning, Message = "G265: local certificate authorities of '{File}' are not trusted: {Reason}")]
    internal static partial void LogBrokenAuthority(ILogger logger, string file, string reason);

    [LoggerMessage(EventId = 2002, EventName = "HostStopping", Level = LogLevel.Information, Message = "The gateway stops: no new connections, requests in flight finish.")]
    private static partial void LogStopping(ILogger logger);

    [LoggerMessage(EventId = 2003, EventName = "SettingNotUsed", Level = LogLevel.Warning, Message = "{Problem}")]
    private static partial void LogSettingWarning(ILogger logger, string problem);
}
