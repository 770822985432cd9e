using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>
/// What happened at a gateway, newest first, in the members of an Event Grid event. An extension of this product; the contract has nothing
/// like it. <c>timespan</c> is an ISO 8601 interval; without it everything that is kept.
/// </summary>
internal sealed class GatewayEventKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/gateways/events")
{
    /// <summary>Looked at for one answer, before <c>$filter</c>.</summary>
    private const int Most = 10_000;

    public override Verbs Verbs => Verbs.List;

    public override ArmError? CheckQuery(ArmQuery query) => Timespan.Check(query["timespan"]);

    public override async ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation)
    {
        var span = Timespan.Read(parent.Call.Query["timespan"], DateTimeOffset.MinValue, services.Time.GetUtcNow());
        var events = await services.Telemetry.Events.ListAsync(parent.Row.Id, span.From, span.To, Most, cancellation);
        return
        [
            .. events.Select(recorded => new JsonObject
            {
                ["id"] = $"{parent.Row.Id}/events/{recorded.Event.Id}",
                ["type"] = Type,
                ["name"] = recorded.Event.Id,
                ["properties"] = new JsonObject
                {
                    ["eventType"] = recorded.Event.Type,
                    ["eventTime"] = recorded.Event.Time,
                    ["subject"] = recorded.Event.Subject,
                    ["instanceId"] = recorded.InstanceId,
                    ["data"] = recorded.Event.Data.DeepClone(),
                },
            }),
        ];
    }
}
