using System.Text.Json;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>Instances in a table of their own: heartbeats are no changes of configuration and must wake no long poll.</summary>
internal sealed class StoredGatewayInstances(IGatewayInstanceRows rows, TimeProvider time) : IGatewayInstances
{
    /// <summary>Two heartbeats may be lost, and half of one, before an instance counts as silent.</summary>
    public static readonly TimeSpan HealthyFor = TimeSpan.FromMinutes(2.5);

    public static readonly TimeSpan ListedFor = TimeSpan.FromMinutes(10);

    public async ValueTask RecordAsync(string gatewayResourceId, Heartbeat heartbeat, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var body = JsonSerializer.Serialize(heartbeat, SnapshotJson.Default.Heartbeat);
        await rows.SaveAsync(new(gatewayResourceId, heartbeat.InstanceId, now, body), now - ListedFor, cancellation);
    }

    public async ValueTask<IReadOnlyList<GatewayInstance>> ListAsync(string gatewayResourceId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var recent = await rows.ListAsync(gatewayResourceId, now - ListedFor, cancellation);
        return [.. recent.Select(row =>
        {
            var heartbeat = JsonSerializer.Deserialize(row.Body, SnapshotJson.Default.Heartbeat)!;
            return new GatewayInstance(heartbeat, row.LastHeartbeat, State(heartbeat, now - row.LastHeartbeat));
        })];
    }

    private static GatewayInstanceState State(Heartbeat heartbeat, TimeSpan silentFor) =>
        silentFor > HealthyFor ? GatewayInstanceState.Stale
        : heartbeat.AppliedRevision is not null && heartbeat.RejectedRevision is null ? GatewayInstanceState.Healthy
        : GatewayInstanceState.Failed;
}
