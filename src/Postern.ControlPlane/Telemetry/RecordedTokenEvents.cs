using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.GatewayTokens;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Telemetry;

/// <summary>The events about gateway tokens, also in the gateway's event log, in the shape of the product's.</summary>
internal sealed class RecordedTokenEvents(IGatewayTokenEvents events, GatewayEventRecorder recorder) : IGatewayTokenEvents
{
    public IReadOnlyList<GatewayTokenEvent> Recent => events.Recent;

    public void Raise(GatewayTokenEvent happened)
    {
        events.Raise(happened);
        var gateway = ResourceIds.NameOf(happened.GatewayId);
        var near = happened.Kind == GatewayTokenEventKind.NearExpiry;
        var data = new JsonObject
        {
            ["gatewayInfo"] = new JsonObject { ["gatewayId"] = gateway, ["instanceId"] = happened.InstanceId },
            ["tokenInfo"] = new JsonObject { [near ? "expiresAtUtc" : "expiredAtUtc"] = happened.Expiry.UtcDateTime },
        };
        recorder.Post(happened.GatewayId, happened.InstanceId, new(IdOf(happened), happened.Type, $"/gateways/{gateway}/{happened.InstanceId}".TrimEnd('/'), happened.At.UtcDateTime, data));
    }

    /// <summary>Replicas that see the same thing on the same day make the same id, so that it counts once.</summary>
    private static string IdOf(GatewayTokenEvent happened) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{happened.Kind}\n{ResourceIds.Key(happened.GatewayId)}\n{happened.InstanceId}\n{happened.Expiry.UtcTicks}\n{happened.At.UtcDateTime:yyyy-MM-dd}")).AsSpan(0, 16));
}
