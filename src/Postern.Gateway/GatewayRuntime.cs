using Postern.Gateway.Forwarding;
using Postern.Gateway.Limits;
using Postern.Gateway.Telemetry;

namespace Postern.Gateway;

/// <summary>What all exchanges of one gateway share and no configuration changes.</summary>
internal sealed record GatewayRuntime(TimeProvider Time, RateCounters RateCounters, Forwarder Forwarder, GatewayTelemetry Telemetry);
