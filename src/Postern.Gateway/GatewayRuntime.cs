using Postern.Gateway.Forwarding;
using Postern.Policies;
using Postern.Gateway.Telemetry;
using Postern.Policies.Runtime;

namespace Postern.Gateway;

/// <summary>What all exchanges of one gateway share and no configuration changes.</summary>
internal sealed record GatewayRuntime(
    TimeProvider Time, RateCounters RateCounters, Forwarder Forwarder, GatewayTelemetry Telemetry, PolicyResources Resources,
    PolicyMetrics PolicyMetrics, GatewayEvents Events)
{
    /// <summary>Cancelled when the gateway begins to stop.</summary>
    public CancellationToken Stopping { get; init; }
}
