using System.Text.Json.Nodes;

namespace Postern.Snapshots;

/// <summary><c>POST /gateways/{id}/heartbeat</c>, every minute and after each applied or rejected revision.</summary>
/// <param name="InstanceId">Unique per process.</param>
/// <param name="Host">Host or pod name.</param>
/// <param name="Version">Gateway version.</param>
/// <param name="UptimeSeconds">Since the process started.</param>
/// <param name="AppliedRevision">Null before the first configuration.</param>
/// <param name="RejectedRevision">A revision that could not be applied, with <paramref name="RejectedReason"/>.</param>
/// <param name="Deployment">The <c>runtime.deployment.*</c> settings as they were given.</param>
public sealed record Heartbeat(
    string InstanceId,
    string Host,
    string Version,
    double UptimeSeconds,
    long? AppliedRevision,
    long? RejectedRevision,
    string? RejectedReason,
    IReadOnlyDictionary<string, string> Deployment);

/// <summary>Body of <c>POST …/metrics</c>: one minute's sums, as Azure Monitor's <c>Requests</c> and durations.</summary>
/// <param name="Id">Unique; a batch that is sent twice counts once.</param>
/// <param name="Dropped">Points that were lost before this batch, because the queue was full.</param>
public sealed record MetricBatch(string Id, string InstanceId, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<MetricPoint> Points, long Dropped);

/// <param name="Name">Such as <c>Requests</c>, <c>Duration</c>, <c>BackendDuration</c>.</param>
public sealed record MetricPoint(string Name, IReadOnlyDictionary<string, string> Dimensions, long Count, double Sum, double Min, double Max)
{
    /// <summary>Of a metric that a policy emitted; null for the gateway's own.</summary>
    public string? Namespace { get; init; }
}

/// <summary>Body of <c>POST …/events</c>: what happened at a gateway instance, oldest first.</summary>
/// <param name="Dropped">Events that were lost before this batch, because the queue was full.</param>
public sealed record EventBatch(string InstanceId, IReadOnlyList<GatewayEvent> Events, long Dropped);

/// <summary>Something that operators want to know of, beyond logs. The members are those of an Event Grid event.</summary>
/// <param name="Id">Unique; a batch that is sent twice counts once.</param>
/// <param name="Type">Such as <c>Microsoft.ApiManagement.CircuitBreaker.Opened</c>: see <see cref="GatewayEventTypes"/>.</param>
/// <param name="Subject">Path below the service, such as <c>/backends/orders/circuit-breaker/rules/errors</c>.</param>
/// <param name="Time">UTC.</param>
/// <param name="Data">Shaped by the type; nothing secret.</param>
public sealed record GatewayEvent(string Id, string Type, string Subject, DateTime Time, JsonObject Data);

/// <summary>Event types: the product's where it has one, ours otherwise.</summary>
public static class GatewayEventTypes
{
    public const string CircuitBreakerOpened = "Microsoft.ApiManagement.CircuitBreaker.Opened";
    public const string CircuitBreakerClosed = "Microsoft.ApiManagement.CircuitBreaker.Closed";
    public const string TokenNearExpiry = "Microsoft.ApiManagement.GatewayTokenNearExpiry";
    public const string TokenExpired = "Microsoft.ApiManagement.GatewayTokenExpired";

    /// <summary>Ours: data <c>revision</c>, <c>problemCount</c>, <c>problems</c> (the first texts).</summary>
    public const string ConfigurationApplied = "Postern.Gateway.ConfigurationApplied";

    /// <summary>Ours: data <c>revision</c>, <c>reason</c>.</summary>
    public const string ConfigurationRejected = "Postern.Gateway.ConfigurationRejected";

    /// <summary>Ours: data <c>reason</c>. It arrives when the outage is over, with the time when it began.</summary>
    public const string ControlPlaneUnreachable = "Postern.Gateway.ControlPlaneUnreachable";

    /// <summary>Ours: data <c>unreachableSinceUtc</c>.</summary>
    public const string ControlPlaneReachable = "Postern.Gateway.ControlPlaneReachable";

    /// <summary>Ours: data <c>endpoint</c>.</summary>
    public const string ExternalCacheConnected = "Postern.Gateway.ExternalCacheConnected";

    /// <summary>Ours: data <c>endpoint</c>, <c>reason</c>.</summary>
    public const string ExternalCacheLost = "Postern.Gateway.ExternalCacheLost";
}

/// <summary>Error body of the configuration API; the same envelope as the management API's.</summary>
public sealed record ErrorEnvelope(ErrorBody Error);

/// <param name="Code">Such as <c>AuthorizationFailed</c>.</param>
/// <param name="Diagnostic">Diagnostic id, such as <c>A403</c>, listed in docs/diagnostics.md.</param>
public sealed record ErrorBody(string Code, string Message, string? Target = null, string? Diagnostic = null, IReadOnlyList<ErrorBody>? Details = null);
