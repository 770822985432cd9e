using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Telemetry;

/// <summary>Sums of each gateway's metrics over all its instances: by minute for the last hours, by hour for a month.</summary>
internal sealed class GatewayMetrics(GatewayMetricRows rows, TimeProvider time)
{
    public static readonly MetricGrain Minute = new(TimeSpan.FromMinutes(1), TimeSpan.FromHours(6));
    public static readonly MetricGrain Hour = new(TimeSpan.FromHours(1), TimeSpan.FromDays(31));

    /// <summary>Older batches than a gateway's queue reaches back are not believed; nor are those from the future.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(1);

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    public async ValueTask RecordAsync(string gatewayId, MetricBatch batch, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var at = batch.From > now + Skew || batch.From < now - Oldest ? now : batch.From;
        var points = batch.Points.Select(point => Row(at, point)).ToList();
        MetricGrain[] grains = at >= now - Minute.KeptFor ? [Minute, Hour] : [Hour];
        await rows.AddAsync(gatewayId, batch.Id, points, grains, now, cancellation);
    }

    /// <summary>By time, then name.</summary>
    /// <param name="grain">One of the two.</param>
    public ValueTask<IReadOnlyList<MetricRow>> ListAsync(
        string gatewayId, MetricGrain grain, DateTimeOffset from, DateTimeOffset to, int top, CancellationToken cancellation) =>
        rows.ListAsync(gatewayId, grain.Length, from, to, top, cancellation);

    private static MetricRow Row(DateTimeOffset at, MetricPoint point)
    {
        var dimensions = new JsonObject(
            point.Dimensions.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))).ToJsonString();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dimensions)).AsSpan(0, 16));
        return new(at, point.Namespace is { } space ? $"{space}{MetricRow.NamespaceEnd}{point.Name}" : point.Name, hash, dimensions, point.Count, point.Sum, point.Min, point.Max);
    }
}
