using System.Text.Json;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Loading;
using Postern.Snapshots;

namespace Postern.Gateway.Telemetry.Sending;

/// <summary>The queues that the gateway's telemetry leaves by, with their limits, and the loop that empties them.</summary>
internal sealed class OutgoingTelemetry
{
    /// <summary>Points; an hour of a thousand a minute.</summary>
    private const long MostPoints = 60_000;

    private const long MostEvents = 1_000;

    /// <summary>Bytes.</summary>
    private const long MostTraceBytes = 16 * 1024 * 1024;
    private const long TraceBytesPerCall = 1024 * 1024;

    public OutgoingTelemetry(ConfigurationClient client, string instanceId, TimeProvider time, ILogger logger)
    {
        var signal = new TelemetrySignal();
        Metrics = new(MostPoints, batch => batch.Points.Count, batch => batch.Points.Count, signal.Set);
        Events = new(MostEvents, _ => 1, _ => 1, signal.Set);
        Traces = new(MostTraceBytes, trace => JsonSerializer.SerializeToUtf8Bytes(trace, SnapshotJson.Default.GatewayTrace).Length, _ => 1, signal.Set);
        Loop = new(
            [
                new TelemetryLane<GatewayEvent>("events", Events, 100, MostEvents,
                    (piece, token) => client.PostEventsAsync(new(instanceId, piece.Items, piece.Dropped), token), logger),
                new TelemetryLane<GatewayTrace>("traces", Traces, 20, TraceBytesPerCall,
                    (piece, token) => client.PostTracesAsync(new(instanceId, piece.Items, piece.Dropped), token), logger),
                new TelemetryLane<MetricBatch>("metrics", Metrics, 1, MostPoints,
                    (piece, token) => client.PostMetricsAsync(piece.Items[0] with { Dropped = piece.Items[0].Dropped + piece.Dropped }, token), logger),
            ],
            signal,
            time);
    }

    public TelemetryQueue<MetricBatch> Metrics { get; }

    public TelemetryQueue<GatewayEvent> Events { get; }

    public TelemetryQueue<GatewayTrace> Traces { get; }

    public TelemetryLoop Loop { get; }
}
