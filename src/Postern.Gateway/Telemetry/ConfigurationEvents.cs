using System.Text.Json.Nodes;
using Postern.Snapshots;

namespace Postern.Gateway.Telemetry;

/// <summary>The events about the configuration and the way to it.</summary>
internal static class ConfigurationEvents
{
    private const string Subject = "/configuration";
    private const int MostProblems = 20;
    private const int LongestText = 300;

    extension(GatewayEvents events)
    {
        /// <param name="problems">What is new in this revision and this gateway can't take.</param>
        public void ConfigurationApplied(long revision, IReadOnlyList<string> problems) => events.Raise(GatewayEventTypes.ConfigurationApplied, Subject, new()
        {
            ["revision"] = SnapshotFormat.SkipToken(revision),
            ["problemCount"] = problems.Count,
            ["problems"] = new JsonArray([.. problems.Take(MostProblems).Select(problem => JsonValue.Create(Short(problem)))]),
        });

        public void ConfigurationRejected(long revision, string reason) => events.Raise(GatewayEventTypes.ConfigurationRejected, Subject, new()
        {
            ["revision"] = SnapshotFormat.SkipToken(revision),
            ["reason"] = Short(reason),
        });

        public void ControlPlaneUnreachable(string reason) => events.Raise(GatewayEventTypes.ControlPlaneUnreachable, Subject, new() { ["reason"] = Short(reason) });

        public void ControlPlaneReachable(DateTimeOffset since) => events.Raise(GatewayEventTypes.ControlPlaneReachable, Subject, new()
        {
            ["unreachableSinceUtc"] = since.UtcDateTime,
        });
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
