using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Postern.Authority.Graph;

/// <summary>Reads members of a request body; a member of the wrong kind is an error that names it.</summary>
internal static class GraphBody
{
    /// <exception cref="GraphBodyException">The member is no string.</exception>
    public static string? Text(this JsonObject body, string name) => body[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw new GraphBodyException($"Property '{name}' must be a string."),
    };

    public static string RequiredText(this JsonObject body, string name, int maxLength = 256) => body.Text(name) switch
    {
        null or "" => throw new GraphBodyException($"A value is required for property '{name}'."),
        { } text when text.Length > maxLength => throw new GraphBodyException($"Property '{name}' is longer than {maxLength} characters."),
        { } text => text,
    };

    public static bool? Flag(this JsonObject body, string name) => body[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        _ => throw new GraphBodyException($"Property '{name}' must be true or false."),
    };

    public static DateTimeOffset? Time(this JsonObject body, string name) => body.Text(name) switch
    {
        null => null,
        { } text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time.ToUniversalTime(),
        _ => throw new GraphBodyException($"Property '{name}' must be a time such as 2030-01-31T12:00:00Z."),
    };

    public static JsonObject? Object(this JsonObject body, string name) => body[name] switch
    {
        null => null,
        JsonObject inner => inner,
        _ => throw new GraphBodyException($"Property '{name}' must be an object."),
    };

    public static ImmutableArray<JsonObject>? Objects(this JsonObject body, string name) => body[name] switch
    {
        null => null,
        JsonArray list when list.All(each => each is JsonObject) => [.. list.Select(each => (JsonObject)each!)],
        _ => throw new GraphBodyException($"Property '{name}' must be a list of objects."),
    };

    public static ImmutableArray<string>? Texts(this JsonObject body, string name, int max = 100) => body[name] switch
    {
        null => null,
        JsonArray list when list.Count > max => throw new GraphBodyException($"Property '{name}' has more than {max} entries."),
        JsonArray list when list.All(each => each?.GetValueKind() == JsonValueKind.String) => [.. list.Select(each => each!.GetValue<string>())],
        _ => throw new GraphBodyException($"Property '{name}' must be a list of strings."),
    };

    /// <summary>Properties that have no meaning here, kept so that they read back as they were set.</summary>
    /// <param name="before">JSON object with those of earlier requests.</param>
    public static string Others(this JsonObject body, string before, IReadOnlyCollection<string> meant)
    {
        const int maxLength = 64 * 1024;
        var kept = (JsonObject)JsonNode.Parse(before)!;
        foreach (var (name, value) in body)
        {
            if (!meant.Contains(name) && !name.Contains('@', StringComparison.Ordinal))
            {
                kept[name] = value?.DeepClone();
            }
        }

        var text = kept.ToJsonString();
        return text.Length <= maxLength ? text : throw new GraphBodyException($"The object's other properties exceed {maxLength} characters.");
    }
}

/// <summary>A request body that can't be taken as it is; answered 400.</summary>
internal sealed class GraphBodyException(string message) : Exception(message);
