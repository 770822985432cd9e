using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>The processes that run as a gateway, from their heartbeats. An extension of this product; the contract has nothing like it.</summary>
internal sealed class GatewayInstanceKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/gateways/instances")
{
    public override Verbs Verbs => Verbs.List;

    public override async ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation)
    {
        var instances = await services.GatewayInstances.ListAsync(parent.Row.Id, cancellation);
        return
        [
            .. instances.Select(instance => new JsonObject
            {
                ["id"] = $"{parent.Row.Id}/instances/{instance.Last.InstanceId}",
                ["type"] = Type,
                ["name"] = instance.Last.InstanceId,
                ["properties"] = new JsonObject
                {
                    ["host"] = instance.Last.Host,
                    ["version"] = instance.Last.Version,
                    ["uptimeSeconds"] = instance.Last.UptimeSeconds,
                    ["lastHeartbeat"] = ArmEnvelope.Time(instance.LastHeartbeat),
                    ["state"] = instance.State.ToString(),
                    ["appliedRevision"] = instance.Last.AppliedRevision,
                    ["rejectedRevision"] = instance.Last.RejectedRevision,
                    ["rejectedReason"] = instance.Last.RejectedReason,
                    ["deployment"] = new JsonObject(instance.Last.Deployment.Select(setting => KeyValuePair.Create(setting.Key, (JsonNode?)setting.Value))),
                },
            }),
        ];
    }
}
