using System.Text.Json;
using System.Text.Json.Nodes;

namespace Postern.Configuration.Folder;

/// <summary>The JSON files of the folder: how they are read, and how they are written so that differences between two exports are small.</summary>
internal static class FolderJson
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Any JSON; null with a problem when it is none.</summary>
    public static JsonNode? Parse(string file, string text, List<FolderProblem> problems)
    {
        try
        {
            if (JsonNode.Parse(text, null, Strict) is { } node)
            {
                return node;
            }

            problems.Add(new(file, 1, "holds null."));
        }
        catch (JsonException error)
        {
            problems.Add(new(file, (int)(error.LineNumber ?? 0) + 1, $"is not well-formed JSON: {Sentence(error.Message)}"));
        }

        return null;
    }

    /// <summary>
    /// A resource's file: <c>{"properties": {…}}</c>. Members around them that tools leave there (id, name, type) are harmless; anything
    /// else there is a mistake.
    /// </summary>
    public static JsonObject? ParseResource(string file, string text, bool needsProperties, List<FolderProblem> problems)
    {
        if (Parse(file, text, problems) is not { } node)
        {
            return null;
        }

        if (node is not JsonObject body)
        {
            problems.Add(new(file, 1, "must hold a JSON object."));
            return null;
        }

        var before = problems.Count;
        foreach (var (name, _) in body.Where(member => !Around.Contains(member.Key)))
        {
            problems.Add(new(file, LineOf(text, name), $"'{name}' does not belong there: members of a resource stand in 'properties'."));
        }

        if (body["properties"] is not JsonObject && (needsProperties || body["properties"] is not null))
        {
            problems.Add(new(file, LineOf(text, "properties"), "'properties' must be there, an object."));
        }

        return problems.Count == before ? body : null;
    }

    public static string Write(JsonNode node) => node.ToJsonString(Indented) + "\n";

    private static readonly HashSet<string> Around = new(StringComparer.Ordinal) { "$schema", "id", "name", "type", "location", "etag", "systemData", "properties" };

    /// <summary>Line of the first place where a member of this name stands; 1 when it stands nowhere.</summary>
    public static int LineOf(string text, string member)
    {
        var at = text.IndexOf(JsonSerializer.Serialize(member), StringComparison.Ordinal);
        return at < 0 ? 1 : text.AsSpan(0, at).Count('\n') + 1;
    }

    /// <summary>Without the reader's own position, which counts from 0.</summary>
    private static string Sentence(string message)
    {
        var position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }
}
