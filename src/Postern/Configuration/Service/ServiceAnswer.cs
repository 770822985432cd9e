using System.Text.Json;
using System.Text.Json.Nodes;

namespace Postern.Configuration.Service;

/// <summary>An answer of the management API.</summary>
/// <param name="Body">Null when there was none, or no JSON.</param>
/// <param name="ETag">Of the resource, quoted.</param>
internal sealed record ServiceAnswer(int Status, JsonObject? Body, string? ETag)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    public JsonObject Properties => Body?["properties"] as JsonObject ?? [];

    public static JsonObject? Parse(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Code and message of the error, and its details, one a line.</summary>
    public string Error()
    {
        if (Body?["error"] is not JsonObject error)
        {
            return $"HTTP {Status}";
        }

        var lines = new List<string> { $"{Text(error, "code") ?? $"HTTP {Status}"}: {Text(error, "message")}" };
        foreach (var detail in (error["details"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var place = detail["line"] is { } line ? $"{Text(detail, "target")} (line {line})" : Text(detail, "target");
            lines.Add($"  {(place is { Length: > 0 } ? $"{place}: " : "")}{Text(detail, "message")}");
        }

        return string.Join('\n', lines);
    }

    /// <summary>The code alone, such as <c>ValidationError</c>.</summary>
    public string? Code => Body?["error"] is JsonObject error ? Text(error, "code") : null;

    private static string? Text(JsonObject parent, string name) => parent[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : parent[name]?.ToString();
}
