using System.Text;
using System.Text.Json.Nodes;
using Postern.Gateway.Telemetry.Sending;
using Postern.Snapshots;

namespace Postern.Gateway.Telemetry;

/// <summary>
/// Where the gateway's parts say what operators want to know of: a breaker that opened, a configuration that was refused. Never waits, never
/// throws; the event goes up to the control plane, at once or when it is reachable again.
/// </summary>
internal sealed class GatewayEvents(TelemetryQueue<GatewayEvent> queue, TimeProvider time)
{
    /// <summary>Bytes of data that the configuration API takes for one event.</summary>
    public const int MostData = 8 * 1024;

    private const int LongestSubject = 1024;

    /// <param name="type">One of <see cref="GatewayEventTypes"/>.</param>
    /// <param name="subject">Path below the service, such as <c>/backends/orders/circuit-breaker/rules/errors</c>.</param>
    /// <param name="data">Shaped by the type; nothing secret. More than <see cref="MostData"/> is left out.</param>
    public void Raise(string type, string subject, JsonObject data) => queue.Add(new(
        Guid.NewGuid().ToString("N"),
        type,
        subject.Length <= LongestSubject ? subject : subject[..LongestSubject],
        time.GetUtcNow().UtcDateTime,
        Encoding.UTF8.GetByteCount(data.ToJsonString()) <= MostData ? data : new() { ["truncated"] = true }));
}
