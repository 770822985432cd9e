namespace Postern.ControlPlane.Store;

/// <summary>What gateways report beside heartbeats, in tables of its own: bounded, and nobody is woken by it.</summary>
internal interface IGatewayTelemetryRows
{
    GatewayEventRows Events { get; }

    GatewayTraceRows Traces { get; }

    GatewayMetricRows Metrics { get; }

    /// <summary>Removes what the gateways of a service reported, heartbeats too.</summary>
    ValueTask ForgetAsync(string serviceId, CancellationToken cancellation);
}
