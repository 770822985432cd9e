using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Postern.Policies.Tokens;

/// <summary>Strict reading of what strangers send: no padding, no white space, no member twice, no half characters. Never throws.</summary>
internal static class TokenText
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <returns>Null when the text is not Base64url without padding.</returns>
    public static byte[]? Bytes(ReadOnlySpan<char> text)
    {
        if (text.Contains('=') || text.ContainsAny(" \t\r\n") || !Base64Url.IsValid(text, out var length))
        {
            return null;
        }

        var bytes = new byte[length];
        return Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == length ? bytes : null;
    }

    /// <returns>Null when the bytes are not one JSON object.</returns>
    public static JsonElement? Object(byte[] json)
    {
        if (!Utf8.IsValid(json))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>Null when the member is missing or not text.</returns>
    public static string? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Text(value) : null;

    public static string? Text(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair.
            return null;
        }
    }
}
