using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>Limits on what gateways report. The JSON reader leaves members null that the sender left out, whatever the types say.</summary>
internal static class TelemetryRules
{
    private const int LongestName = 256;
    private const int LongestReason = 8 * 1024;
    private const int MostSettings = 64;
    private const int MostPoints = 5_000;
    private const int MostDimensions = 32;

    /// <returns>The member that is wrong and why; null when all is well.</returns>
    public static TelemetryFault? Check(Heartbeat heartbeat) =>
        Name("instanceId", heartbeat.InstanceId, required: true)
        ?? Name("host", heartbeat.Host, required: true)
        ?? Name("version", heartbeat.Version, required: true)
        ?? (double.IsFinite(heartbeat.UptimeSeconds) && heartbeat.UptimeSeconds >= 0 ? null : new TelemetryFault("uptimeSeconds", "must be a number of seconds, not negative"))
        ?? (heartbeat.AppliedRevision < 0 ? new TelemetryFault("appliedRevision", "must not be negative") : null)
        ?? (heartbeat.RejectedRevision < 0 ? new TelemetryFault("rejectedRevision", "must not be negative") : null)
        ?? (heartbeat.RejectedReason?.Length > LongestReason ? new TelemetryFault("rejectedReason", $"must have at most {LongestReason} characters") : null)
        ?? Map("deployment", heartbeat.Deployment, MostSettings);

    public static TelemetryFault? Check(MetricBatch batch) =>
        Name("id", batch.Id, required: true)
        ?? Name("instanceId", batch.InstanceId, required: true)
        ?? (batch.To < batch.From ? new TelemetryFault("to", "must not be before 'from'") : null)
        ?? (batch.Points is null || batch.Points.Count > MostPoints ? new TelemetryFault("points", $"must be a list of at most {MostPoints}") : null)
        ?? batch.Points!.Select(Check).FirstOrDefault(problem => problem is not null);

    private static TelemetryFault? Check(MetricPoint? point) =>
        point is null ? new TelemetryFault("points", "must not hold null")
        : Name("points.name", point.Name, required: true)
        ?? Name("points.namespace", point.Namespace, required: false)
        ?? Map("points.dimensions", point.Dimensions, MostDimensions)
        ?? (point.Count < 0 || !double.IsFinite(point.Sum) || !double.IsFinite(point.Min) || !double.IsFinite(point.Max) ? new TelemetryFault("points", "must hold finite sums and counts that are not negative") : null);

    internal static TelemetryFault? Name(string target, string? value, bool required) =>
        value is null or "" ? (required ? new TelemetryFault(target, "is required") : null)
        : value.Length > LongestName || value.Any(char.IsControl) ? new TelemetryFault(target, $"must have at most {LongestName} characters and no control characters")
        : null;

    private static TelemetryFault? Map(string target, IReadOnlyDictionary<string, string>? map, int most) =>
        map is null ? new TelemetryFault(target, "is required")
        : map.Count > most ? new TelemetryFault(target, $"must have at most {most} members")
        : map.Select(pair => Name($"{target}.{pair.Key}", pair.Key, required: true) ?? Name($"{target}.{pair.Key}", pair.Value, required: false))
            .FirstOrDefault(problem => problem is not null);
}

/// <param name="Target">The member that is wrong.</param>
internal sealed record TelemetryFault(string Target, string Problem);
