using System.Text.Json;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Telemetry;

/// <summary>The events of each gateway: those that its instances send, and those that the control plane itself sees happen.</summary>
internal sealed class GatewayEventLog(GatewayEventRows rows, TimeProvider time)
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    /// <summary>How far ahead a gateway's clock may be before its times are not believed.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <param name="gatewayId">ARM id of the gateway resource, in any casing.</param>
    /// <param name="instanceId">Empty when it isn't known.</param>
    public async ValueTask RecordAsync(string gatewayId, string instanceId, IReadOnlyList<GatewayEvent> events, CancellationToken cancellation)
    {
        if (events.Count == 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        await rows.AddAsync(gatewayId, [.. events.Select(happened => Row(instanceId, happened, now))], now - KeptFor, cancellation);
    }

    /// <summary>Newest first.</summary>
    public async ValueTask<IReadOnlyList<RecordedEvent>> ListAsync(string gatewayId, DateTimeOffset from, DateTimeOffset to, int top, CancellationToken cancellation) =>
        [.. (await rows.ListAsync(gatewayId, from, to, top, cancellation)).Select(row => JsonSerializer.Deserialize(row.Body, RecordedEventJson.Default.RecordedEvent)!)];

    private static GatewayEventRow Row(string instanceId, GatewayEvent happened, DateTimeOffset now)
    {
        DateTimeOffset at = happened.Time.ToUniversalTime();
        at = at > now + Skew || at < now - KeptFor ? now : at;
        var recorded = new RecordedEvent(instanceId, happened with { Time = at.UtcDateTime });
        return new(happened.Id, at, happened.Type, JsonSerializer.Serialize(recorded, RecordedEventJson.Default.RecordedEvent));
    }
}
