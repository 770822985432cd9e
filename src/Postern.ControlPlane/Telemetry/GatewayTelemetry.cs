namespace Postern.ControlPlane.Telemetry;

/// <summary>What gateways send up, kept within bounds and readable through the management API.</summary>
internal sealed record GatewayTelemetry(GatewayEventLog Events, GatewayEventRecorder EventRecorder, GatewayMetrics Metrics, GatewayTraces Traces);
