using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Telemetry;

/// <summary>
/// The newest traces of each gateway, as documents for <c>listTrace</c>. They hold what callers and backends said to each other, so they are
/// encrypted at rest like secrets and kept for days only.
/// </summary>
internal sealed class GatewayTraces(GatewayTraceRows rows, SecretProtector protector, TimeProvider time)
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    /// <summary>Sections in the order of a request's way.</summary>
    public static readonly IReadOnlyList<string> Sections = ["inbound", "backend", "outbound", "on-error"];

    /// <param name="gatewayId">ARM id of the gateway resource, in any casing.</param>
    public async ValueTask RecordAsync(string gatewayId, string serviceName, IReadOnlyList<GatewayTrace> traces, CancellationToken cancellation)
    {
        if (traces.Count == 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        List<GatewayTraceRow> sealedTraces =
        [
            .. traces.Select((trace, index) => new GatewayTraceRow(
                Key(trace.Id), now.AddTicks(index), protector.Protect(Document(serviceName, trace).ToJsonString(), Place(gatewayId, trace.Id)))),
        ];
        await rows.AddAsync(gatewayId, sealedTraces, now - KeptFor, cancellation);
    }

    /// <returns>Null when there is no such trace, not yet or not any more.</returns>
    public async ValueTask<JsonObject?> FindAsync(string gatewayId, string traceId, CancellationToken cancellation) =>
        await rows.FindAsync(gatewayId, Key(traceId), cancellation) is { } body
            ? (JsonObject)JsonNode.Parse(protector.Reveal(body, Place(gatewayId, traceId)))!
            : null;

    private static JsonObject Document(string serviceName, GatewayTrace trace) => new()
    {
        ["serviceName"] = serviceName,
        ["traceId"] = trace.CorrelationId,
        ["traceEntries"] = new JsonObject(Sections.Where(trace.Entries.ContainsKey).Select(section => KeyValuePair.Create(
            section, JsonSerializer.SerializeToNode(trace.Entries[section], SnapshotJson.Default.IReadOnlyListTraceEntry)))),
    };

    /// <summary>Ids are hexadecimal and compared in one casing.</summary>
    private static string Key(string traceId) => traceId.ToLowerInvariant();

    private static string Place(string gatewayId, string traceId) => $"{ResourceIds.Key(gatewayId)}#trace/{Key(traceId)}";
}
