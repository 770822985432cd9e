using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Telemetry;

/// <summary>What gateways send up, kept within bounds and readable through the management API.</summary>
internal sealed record GatewayTelemetry(
    GatewayEventLog Events, GatewayEventRecorder EventRecorder, GatewayMetrics Metrics, GatewayTraces Traces, IGatewayTelemetryRows Rows)
{
    /// <summary>Removes what the gateways of a service sent.</summary>
    public ValueTask ForgetAsync(string serviceId, CancellationToken cancellation) => Rows.ForgetAsync(serviceId, cancellation);
}
