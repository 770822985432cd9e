using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>Loggers that policies name.</summary>
internal sealed class LoggerPublishing : PublishedKind
{
    public override string Type => "/loggers";

    public override IEnumerable<string> NamedIn(string document) => DocumentMentions.Of(document, "logger-id");

    public override SnapshotEntity? Read(PublishedRow row)
    {
        var credentials = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in row.Properties["credentials"] as JsonObject ?? [])
        {
            if (value is JsonValue text && text.TryGetValue<string>(out var credential))
            {
                credentials.Add(name, row.Fill(credential));
            }
        }

        return row.Properties.Text("loggerType") is { } type ? new LoggerSnapshot(row.Name, type, credentials) : null;
    }

    public override bool IsNeeded(ModelPart part, GatewayNeeds needs) => needs.IsNamed(this, part.Name);
}
