using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;
using Postern.ControlPlane.Telemetry;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>
/// A gateway's metrics, summed over its instances. Parameters as Azure Monitor's: <c>timespan</c> (ISO 8601 interval, the last hour without
/// it), <c>interval</c> (<c>PT1M</c> for the last six hours, <c>PT1H</c> for the last 31 days), <c>metricnames</c> (separated by commas).
/// An extension of this product; the contract has nothing like it.
/// </summary>
internal sealed class GatewayMetricKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/gateways/metrics")
{
    /// <summary>Looked at for one answer, before <c>$filter</c>.</summary>
    private const int Most = 100_000;

    public override Verbs Verbs => Verbs.List;

    public override ArmError? CheckQuery(ArmQuery query) =>
        query["interval"]?.ToUpperInvariant() is not (null or "PT1M" or "PT1H") ? ArmErrors.BadRequest("interval must be PT1M or PT1H.", "interval") : Timespan.Check(query["timespan"]);

    public override async ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation)
    {
        var query = parent.Call.Query;
        var now = services.Time.GetUtcNow();
        var span = Timespan.Read(query["timespan"], now.AddHours(-1), now);
        var grain = string.Equals(query["interval"], "PT1H", StringComparison.OrdinalIgnoreCase) ? GatewayMetrics.Hour : GatewayMetrics.Minute;
        var names = query["metricnames"]?.Split(',', StringSplitOptions.TrimEntries);
        var rows = await services.Telemetry.Metrics.ListAsync(parent.Row.Id, grain, span.From, span.To, Most, cancellation);
        return
        [
            .. rows.Select(row => (Row: row, Name: row.Name.Split(MetricRow.NamespaceEnd))).Where(metric => names?.Contains(metric.Name[^1], StringComparer.OrdinalIgnoreCase) ?? true)
                .Select(metric => Json(parent.Row.Id, metric.Row, metric.Name, grain)),
        ];
    }

    private JsonObject Json(string gatewayId, MetricRow row, string[] name, MetricGrain grain) => new()
    {
        ["id"] = $"{gatewayId}/metrics/{Uri.EscapeDataString(name[^1])}",
        ["type"] = Type,
        ["name"] = name[^1],
        ["properties"] = new JsonObject
        {
            ["namespace"] = name.Length > 1 ? name[0] : null,
            ["timeStamp"] = row.At.UtcDateTime,
            ["interval"] = grain == GatewayMetrics.Hour ? "PT1H" : "PT1M",
            ["dimensions"] = JsonNode.Parse(row.Dimensions),
            ["count"] = row.Count,
            ["total"] = row.Sum,
            ["average"] = row.Count == 0 ? 0 : row.Sum / row.Count,
            ["minimum"] = row.Min,
            ["maximum"] = row.Max,
        },
    };
}
