using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>The processes that run as a gateway, as their heartbeats tell. Recent ones outlive a restart of the control plane.</summary>
internal interface IGatewayInstances
{
    /// <param name="gatewayResourceId">ARM id of the gateway resource, in any casing.</param>
    ValueTask RecordAsync(string gatewayResourceId, Heartbeat heartbeat, CancellationToken cancellation);

    /// <summary>Instances heard of within the last 10 minutes, ordered by instance id.</summary>
    ValueTask<IReadOnlyList<GatewayInstance>> ListAsync(string gatewayResourceId, CancellationToken cancellation);
}

internal sealed record GatewayInstance(Heartbeat Last, DateTimeOffset LastHeartbeat, GatewayInstanceState State);

/// <summary>Healthy: heard of within 2.5 minutes, with a configuration applied and none rejected. Stale: silent for longer. Failed: the rest.</summary>
internal enum GatewayInstanceState
{
    Healthy,
    Stale,
    Failed,
}
