using System.Text.Json.Nodes;
using Postern.Configuration.Folder;

namespace Postern.Configuration.Service;

/// <summary>
/// Ids of other resources of the same service. The folder has them from the service on (<c>/loggers/main</c>), so that it fits any
/// service; the service wants and gives them whole.
/// </summary>
internal static class References
{
    /// <summary>As the folder has them.</summary>
    public static JsonObject Relative(FolderKind kind, JsonObject properties) => Change(kind, properties, text => Tail(text) ?? text);

    /// <summary>As the service wants them. Whole ids, as overriding files may have them, come to this service too.</summary>
    public static JsonObject Absolute(FolderKind kind, JsonObject properties, string serviceId) => Change(kind, properties, text =>
        Tail(text) is { } tail ? serviceId + tail : text.StartsWith('/') ? serviceId + text : text);

    /// <summary>The part after the service of a whole id, whichever service it names.</summary>
    private static string? Tail(string id)
    {
        const string Mark = "/providers/Microsoft.ApiManagement/service/";
        var at = id.IndexOf(Mark, StringComparison.OrdinalIgnoreCase);
        var end = at < 0 ? -1 : id.IndexOf('/', at + Mark.Length);
        return end < 0 ? null : id[end..];
    }

    private static JsonObject Change(FolderKind kind, JsonObject properties, Func<string, string> change)
    {
        var copy = (JsonObject)properties.DeepClone();
        if (kind.References.Count > 0)
        {
            Walk(kind.References, copy, change);
        }

        return copy;
    }

    private static void Walk(IReadOnlySet<string> members, JsonNode? node, Func<string, string> change)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list)
            {
                Walk(members, item, change);
            }
        }

        foreach (var (name, member) in (node as JsonObject)?.ToList() ?? [])
        {
            if (members.Contains(name) && member is JsonValue text && text.TryGetValue<string>(out var id))
            {
                node![name] = change(id);
            }
            else if (members.Contains(name) && name.EndsWith("Ids", StringComparison.Ordinal) && member is JsonArray ids)
            {
                node![name] = new JsonArray([.. ids.Select(item => item is JsonValue one && one.TryGetValue<string>(out var each) ? change(each) : item?.DeepClone())]);
            }
            else
            {
                Walk(members, member, change);
            }
        }
    }
}
