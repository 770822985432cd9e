using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>How bodies are written: compact, and with readable XML in policies rather than <c>\u003C</c>.</summary>
internal static class ArmJson
{
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonObject ParseObject(string text) => (JsonObject)JsonNode.Parse(text)!;

    public static string? Text(this JsonObject value, string member) =>
        value[member] is JsonValue leaf && leaf.GetValueKind() == JsonValueKind.String ? leaf.GetValue<string>() : null;

    public static bool? Flag(this JsonObject value, string member) =>
        value[member] is JsonValue leaf && leaf.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? leaf.GetValue<bool>() : null;

    public static JsonObject Properties(this JsonObject body) => body["properties"] as JsonObject ?? [];

    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(JsonNode (text) => JsonValue.Create(text))]);
}
