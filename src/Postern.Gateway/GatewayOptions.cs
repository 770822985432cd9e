using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Settings;
using Postern.Hosting;
using Postern.Hosting.Tls;

namespace Postern.Gateway;

/// <summary>How a gateway runs: the published settings, and what the process around it decides.</summary>
public sealed record GatewayOptions
{
    public required GatewaySettings Settings { get; init; }

    public ListenAddress Http { get; init; } = ListenAddress.Any(8080);

    public ListenAddress Https { get; init; } = ListenAddress.Any(8081);

    /// <summary>Default certificate on <see cref="Https"/>; a self-signed one is made when null.</summary>
    public X509Certificate2? ServerCertificate { get; init; }

    /// <summary>Authorities trusted for the configuration endpoint, the token authority and backends, besides the machine's.</summary>
    public TrustedRoots Roots { get; init; } = TrustedRoots.System;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public required ILoggerFactory Logging { get; init; }

    /// <summary>Unique per process; shown by the control plane.</summary>
    public string InstanceId { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>Host or pod name that heartbeats report.</summary>
    public string HostName { get; init; } = Environment.MachineName;

    /// <summary>Looks up the names of backends.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> ResolveBackend { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>
    /// Connections to backends take no new requests after this time, so that a backend whose name leads elsewhere is followed within it.
    /// </summary>
    public TimeSpan BackendConnectionLifetime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The environment's variables, of which <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c> say how backends are reached.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>How long requests in flight may take to finish at shutdown.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(30);
}
