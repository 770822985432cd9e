using System.Text.Json;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>Members of request bodies by name, without regard to case where the exact one isn't there.</summary>
internal static class BodyMembers
{
    public static JsonNode? Member(JsonObject from, string name) =>
        from.TryGetPropertyValue(name, out var exact) ? exact : from.FirstOrDefault(member => string.Equals(member.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    public static string? Text(JsonObject from, string name) => Member(from, name) is { } member && member.GetValueKind() == JsonValueKind.String ? member.GetValue<string>() : null;

    public static IReadOnlyList<string>? Texts(JsonNode? node, int most) =>
        node is JsonArray list && list.Count <= most && list.All(item => item?.GetValueKind() == JsonValueKind.String)
            ? [.. list.Select(item => item!.GetValue<string>())]
            : null;
}
