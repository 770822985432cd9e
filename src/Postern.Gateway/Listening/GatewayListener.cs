using System.Net.Quic;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Certificates;
using Postern.Gateway.State;
using Postern.Gateway.Settings;
using Postern.Hosting;

namespace Postern.Gateway.Listening;

/// <summary>The HTTP server, used without a host: no middleware, no environment or command line of its own.</summary>
internal sealed class GatewayListener : IAsyncDisposable
{
    /// <summary>The server looks at rates once a second; a grace must be longer than that.</summary>
    private static readonly TimeSpan SlowestTick = TimeSpan.FromSeconds(1.5);

    private readonly WebApplication _services;
    private readonly IServer _server;

    private GatewayListener(WebApplication services, IServer server, int httpPort, int httpsPort)
    {
        _services = services;
        _server = server;
        HttpPort = httpPort;
        HttpsPort = httpsPort;
    }

    public int HttpPort { get; }

    public int HttpsPort { get; }

    /// <exception cref="ListenException">A port is taken or may not be used.</exception>
    public static async Task<GatewayListener> StartAsync(
        GatewayOptions options, GatewayApplication application, CurrentState current, ServerTls tls, CancellationToken cancellation)
    {
        var handshakes = new HandshakeSelection(current, options.ServerCertificate ?? SelfSignedCertificate.Create(options.Time), tls);
        var http2 = new HandOverListenerFactory();
        var http3 = options.Settings.Http3 && QuicListener.IsSupported;
        ListenOptions? http = null;
        ListenOptions? https = null;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(options.Logging);
        builder.Services.AddSingleton(options.Time);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server =>
        {
            Configure(server, options.Settings.Limits);
            server.Listen(options.Http.Address, options.Http.Port, listen =>
            {
                http = listen;
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(PriorKnowledge.Middleware(http2, options.Time));
            });
            server.Listen(new HandOverEndPoint(), listen => listen.Protocols = HttpProtocols.Http2);
            server.Listen(options.Https.Address, options.Https.Port, listen =>
            {
                https = listen;
                listen.Protocols = http3 ? HttpProtocols.Http1AndHttp2AndHttp3 : HttpProtocols.Http1AndHttp2;
                listen.Use(PoolReader.Middleware);
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = handshakes.SelectAsync });
            });
        });
        builder.Services.AddSingleton<IConnectionListenerFactory>(http2);
        if (http3)
        {
            builder.WebHost.UseQuic();
        }

        builder.Services.Configure<SocketTransportOptions>(Configure);
        var services = builder.Build();
        var server = services.Services.GetRequiredService<IServer>();
        try
        {
            await server.StartAsync(application, cancellation);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            await services.DisposeAsync();
            throw new ListenException("gateway", TakenPort(taken, options), taken.InnerException);
        }

        return new(services, server, http!.IPEndPoint!.Port, https!.IPEndPoint!.Port);
    }

    public Task StopAsync(CancellationToken hurry) => _server.StopAsync(hurry);

    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        await _services.DisposeAsync();
    }

    private static void Configure(KestrelServerOptions server, LimitSettings limits)
    {
        server.AddServerHeader = false;
        server.AllowSynchronousIO = false;

        // Bytes of header values pass through as they are.
        server.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        server.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;

        // Bodies of any size stream, unless told otherwise; a slow sender is cut off by its rate, and so is who takes an answer slowly.
        var rate = limits.BodyRate == 0 ? null : new MinDataRate(limits.BodyRate, limits.BodyGrace < SlowestTick ? SlowestTick : limits.BodyGrace);
        server.Limits.MinRequestBodyDataRate = rate;
        server.Limits.MinResponseDataRate = rate;
        server.Limits.MaxRequestBodySize = limits.BodySize == 0 ? null : limits.BodySize;
        server.Limits.MaxRequestHeaderCount = limits.HeaderCount;
        server.Limits.MaxRequestHeadersTotalSize = limits.HeaderSize;
        server.Limits.Http2.MaxRequestHeaderFieldSize = limits.HeaderSize;
        server.Limits.MaxConcurrentConnections = limits.Connections == 0 ? null : limits.Connections;
        server.Limits.MaxRequestLineSize = 16 * 1024;

        // Also bounds what one quick sender is read from before others get their turn.
        server.Limits.MaxRequestBufferSize = 256 * 1024;
        server.Limits.RequestHeadersTimeout = limits.HeaderTimeout;
        server.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
    }

    /// <summary>
    /// Fewer hops and system calls per request: work goes on where the socket's event came up, and a read brings its buffer instead of asking
    /// first whether there is something (4 KB per idle connection is the price).
    /// </summary>
    private static void Configure(SocketTransportOptions sockets)
    {
        // Unsafe for who blocks or computes for long: docs/decisions/0051-inline-completions.md says who leaves the thread first.
        sockets.UnsafePreferInlineScheduling = true;
        sockets.WaitForDataBeforeAllocatingBuffer = false;
    }

    private static int TakenPort(IOException taken, GatewayOptions options) =>
        taken.Message.Contains($":{options.Https.Port}", StringComparison.Ordinal) ? options.Https.Port : options.Http.Port;
}
