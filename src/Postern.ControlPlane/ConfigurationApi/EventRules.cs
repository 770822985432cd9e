using System.Text;
using System.Text.RegularExpressions;
using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>Limits on events that gateways send.</summary>
internal static partial class EventRules
{
    private const int MostEvents = 100;
    private const int LongestSubject = 1024;
    private const int MostData = 8 * 1024;

    /// <returns>The member that is wrong and why; null when all is well.</returns>
    public static TelemetryFault? Check(EventBatch batch) =>
        TelemetryRules.Name("instanceId", batch.InstanceId, required: true)
        ?? (batch.Events is null || batch.Events.Count > MostEvents ? new TelemetryFault("events", $"must be a list of at most {MostEvents}") : null)
        ?? (batch.Dropped < 0 ? new TelemetryFault("dropped", "must not be negative") : null)
        ?? batch.Events!.Select(Check).FirstOrDefault(fault => fault is not null);

    private static TelemetryFault? Check(GatewayEvent? happened) =>
        happened is null ? new TelemetryFault("events", "must not hold null")
        : happened.Id is null || !Id().IsMatch(happened.Id) ? new TelemetryFault("events.id", "must be 1 to 64 letters, digits or hyphens")
        : happened.Type is null || !Type().IsMatch(happened.Type) ? new TelemetryFault("events.type", "must be 1 to 128 letters, digits or dots")
        : happened.Subject is null || happened.Subject.Length > LongestSubject || happened.Subject.Any(char.IsControl)
            ? new TelemetryFault("events.subject", $"must have at most {LongestSubject} characters and no control characters")
        : happened.Data is null || Encoding.UTF8.GetByteCount(happened.Data.ToJsonString()) > MostData
            ? new TelemetryFault("events.data", $"must be an object of at most {MostData} bytes")
        : null;

    [GeneratedRegex(@"^[A-Za-z0-9\-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();

    [GeneratedRegex(@"^[A-Za-z0-9.]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Type();
}
