namespace Postern.ControlPlane.Store;

/// <summary>Heartbeats of gateway instances. They are not resources: no change is logged and nobody is woken.</summary>
internal interface IGatewayInstanceRows
{
    /// <param name="forgetBefore">Rows of any gateway that were last heard of before this are removed.</param>
    ValueTask SaveAsync(GatewayInstanceRow row, DateTimeOffset forgetBefore, CancellationToken cancellation);

    /// <summary>Heard of since a time, ordered by instance id.</summary>
    /// <param name="gatewayId">ARM id of the gateway resource, in any casing.</param>
    ValueTask<IReadOnlyList<GatewayInstanceRow>> ListAsync(string gatewayId, DateTimeOffset since, CancellationToken cancellation);
}

/// <param name="Body">JSON of the last heartbeat.</param>
internal sealed record GatewayInstanceRow(string GatewayId, string InstanceId, DateTimeOffset LastHeartbeat, string Body);
