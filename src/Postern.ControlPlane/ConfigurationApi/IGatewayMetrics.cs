using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>Telemetry that gateways send up.</summary>
internal interface IGatewayMetrics
{
    /// <param name="gatewayResourceId">ARM id of the gateway resource, in any casing.</param>
    void Record(string gatewayResourceId, MetricBatch batch);

    /// <summary>Batches that ended within the last hour, oldest first.</summary>
    IReadOnlyList<MetricBatch> Recent(string gatewayResourceId);
}
