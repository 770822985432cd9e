using System.Text.Json;

namespace Postern.Authority;

/// <summary>
/// JSON from outside whose every text can be read. The platform's parser accepts texts that aren't Unicode (broken UTF-8, half of a
/// surrogate pair) and throws only when they are read, which may be anywhere.
/// </summary>
internal static class SoundJson
{
    /// <returns>Null for anything else than one JSON object without repeated members, nested at most that deep.</returns>
    public static JsonDocument? ParseObject(ReadOnlyMemory<byte> json, int maxDepth)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(json, new() { MaxDepth = maxDepth, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind == JsonValueKind.Object && IsReadable(json.Span, maxDepth))
            {
                return document;
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            // Falls through: the text isn't sound.
        }

        document?.Dispose();
        return null;
    }

    private static bool IsReadable(ReadOnlySpan<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                // Throws for a text that isn't Unicode.
                _ = reader.GetString();
            }
        }

        return true;
    }
}
