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
public sealed record MetricBatch(string InstanceId, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<MetricPoint> Points, long Dropped);

/// <param name="Name">Such as <c>Requests</c>, <c>Duration</c>, <c>BackendDuration</c>.</param>
public sealed record MetricPoint(string Name, IReadOnlyDictionary<string, string> Dimensions, long Count, double Sum, double Min, double Max);

/// <summary>Error body of the configuration API; the same envelope as the management API's.</summary>
public sealed record ErrorEnvelope(ErrorBody Error);

/// <param name="Code">Such as <c>AuthorizationFailed</c>.</param>
/// <param name="Diagnostic">Diagnostic id, such as <c>A403</c>, listed in docs/diagnostics.md.</param>
public sealed record ErrorBody(string Code, string Message, string? Target = null, string? Diagnostic = null, IReadOnlyList<ErrorBody>? Details = null);
