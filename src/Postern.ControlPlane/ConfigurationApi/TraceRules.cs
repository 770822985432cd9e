using System.Text.RegularExpressions;
using Postern.ControlPlane.Telemetry;
using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>Limits on traces that gateways send.</summary>
internal static partial class TraceRules
{
    private const int MostTraces = 20;
    private const int MostEntries = 1_000;

    /// <returns>The member that is wrong and why; null when all is well.</returns>
    public static TelemetryFault? Check(TraceBatch batch) =>
        TelemetryRules.Name("instanceId", batch.InstanceId, required: true)
        ?? (batch.Traces is null || batch.Traces.Count > MostTraces ? new TelemetryFault("traces", $"must be a list of at most {MostTraces}") : null)
        ?? (batch.Dropped < 0 ? new TelemetryFault("dropped", "must not be negative") : null)
        ?? batch.Traces!.Select(Check).FirstOrDefault(fault => fault is not null);

    private static TelemetryFault? Check(GatewayTrace? trace) =>
        trace is null ? new TelemetryFault("traces", "must not hold null")
        : trace.Id is null || !Id().IsMatch(trace.Id) ? new TelemetryFault("traces.id", "must be 1 to 64 letters, digits or hyphens")
        : trace.CorrelationId is null || !Id().IsMatch(trace.CorrelationId) ? new TelemetryFault("traces.correlationId", "must be 1 to 64 letters, digits or hyphens")
        : TelemetryRules.Name("traces.apiId", trace.ApiId, required: true)
        ?? (trace.Entries is null || trace.Entries.Keys.Except(GatewayTraces.Sections).Any()
            ? new TelemetryFault("traces.entries", $"must be an object with {string.Join(", ", GatewayTraces.Sections)} only") : null)
        ?? (trace.Entries!.Values.Any(entries => entries is null) || trace.Entries.Values.Sum(entries => entries.Count) > MostEntries
            ? new TelemetryFault("traces.entries", $"must hold lists of at most {MostEntries} entries together") : null)
        ?? trace.Entries!.Values.SelectMany(entries => entries)
            .Select(entry => entry is null ? new TelemetryFault("traces.entries", "must not hold null") : TelemetryRules.Name("traces.entries.source", entry.Source, required: true))
            .FirstOrDefault(fault => fault is not null);

    [GeneratedRegex(@"^[A-Za-z0-9\-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
