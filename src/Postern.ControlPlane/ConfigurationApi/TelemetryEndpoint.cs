using Microsoft.AspNetCore.Http;
using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary><c>POST metrics</c>, <c>POST events</c> and <c>POST traces</c>: what gateways send up. Each body has a limit and rules; what is good is stored before the answer.</summary>
internal sealed class TelemetryEndpoint(ConfigurationApiParts parts)
{
    private const int MostMetricBytes = 1024 * 1024;
    private const int MostEventBytes = 1024 * 1024;
    private const int MostTraceBytes = 2 * 1024 * 1024;

    public async Task MetricsAsync(HttpContext context, ConfigurationTarget target)
    {
        if (await ConfigurationBody.ReadAsync(context, SnapshotJson.Default.MetricBatch, MostMetricBytes) is { } batch
            && await ConfigurationBody.IsGoodAsync(context, TelemetryRules.Check(batch)))
        {
            Tell(target, batch.InstanceId, batch.Dropped, "points of metrics");
            await parts.Telemetry.Metrics.RecordAsync(target.GatewayId, batch, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    public async Task EventsAsync(HttpContext context, ConfigurationTarget target)
    {
        if (await ConfigurationBody.ReadAsync(context, SnapshotJson.Default.EventBatch, MostEventBytes) is { } batch
            && await ConfigurationBody.IsGoodAsync(context, EventRules.Check(batch)))
        {
            Tell(target, batch.InstanceId, batch.Dropped, "events");
            await parts.Telemetry.Events.RecordAsync(target.GatewayId, batch.InstanceId, batch.Events, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    public async Task TracesAsync(HttpContext context, ConfigurationTarget target)
    {
        if (await ConfigurationBody.ReadAsync(context, SnapshotJson.Default.TraceBatch, MostTraceBytes) is { } batch
            && await ConfigurationBody.IsGoodAsync(context, TraceRules.Check(batch)))
        {
            Tell(target, batch.InstanceId, batch.Dropped, "traces");
            await parts.Telemetry.Traces.RecordAsync(target.GatewayId, target.Service.Name, batch.Traces, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private void Tell(ConfigurationTarget target, string instanceId, long dropped, string what)
    {
        if (dropped > 0)
        {
            ConfigurationApiLog.Dropped(parts.Logger, target.Gateway, instanceId, dropped, what);
        }
    }
}
