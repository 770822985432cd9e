using System.Globalization;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>Puts stored resources into the ARM envelope.</summary>
internal sealed class ArmEnvelope(SecretMembers secrets)
{
    /// <returns>The body to answer with; null when the resource points to something that is gone.</returns>
    public ValueTask<JsonObject?> PresentAsync(ResourceKind kind, ResourceView view, CancellationToken cancellation) =>
        kind.PresentAsync(view, Wrap(kind, view.Row), cancellation);

    /// <summary>The envelope with the stored members, before the kind shapes it.</summary>
    public JsonObject Wrap(ResourceKind kind, ResourceRow row)
    {
        var body = new JsonObject { ["id"] = row.Id, ["type"] = kind.Type, ["name"] = row.Name };
        var stored = ArmJson.ParseObject(row.Body);
        foreach (var (name, value) in stored.ToList())
        {
            stored.Remove(name);
            body[name] = value;
        }

        if (body["properties"] is JsonObject properties)
        {
            secrets.Show(kind, row.Id, properties);
        }

        if (kind.IsTracked)
        {
            body["etag"] = row.ETag;
            body["systemData"] = new JsonObject
            {
                ["createdBy"] = row.CreatedBy,
                ["createdByType"] = "Application",
                ["createdAt"] = Time(row.CreatedAt),
                ["lastModifiedBy"] = row.ModifiedBy,
                ["lastModifiedByType"] = "Application",
                ["lastModifiedAt"] = Time(row.ModifiedAt),
            };
        }

        return body;
    }

    /// <summary>ISO 8601, UTC, milliseconds.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
