using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>Schemas of the service that validate-content names.</summary>
internal sealed class SchemaPublishing : PublishedKind
{
    public override string Type => "/schemas";

    public override IEnumerable<string> NamedIn(string document) => DocumentMentions.Of(document, "schema-id");

    public override SnapshotEntity? Read(PublishedRow row)
    {
        var isXml = row.Properties.Text("schemaType") == "xml";
        var value = row.Properties["document"] is { } document && !isXml ? document : row.Properties["value"];
        var text = value is JsonValue plain && plain.TryGetValue<string>(out var written) ? written : value?.ToJsonString();
        return text is null ? null : new SchemaSnapshot(null, row.Name, isXml ? "application/xml" : "application/json", text);
    }

    /// <summary>XML schemas may import each other by name: where one is meant, all are given.</summary>
    public override bool IsNeeded(ModelPart part, GatewayNeeds needs) => needs.IsNamed(this, part.Name)
        || (((SchemaSnapshot)part.Entity.Entity).ContentType == "application/xml" && needs.Documents.Any(document => document.Use.Parts.ContainsKey(this)));
}
