using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Postern.Authority.Tokens;

/// <summary>
/// A signed JWT taken apart (RFC 7515 §3.1), nothing about it believed yet. Strict where leniency is dangerous (base64url without
/// padding, no member twice, no critical extension), indifferent to the form of times and names: those are judged where they are used.
/// </summary>
internal sealed class CompactJws : IDisposable
{
    /// <summary>Room for a certificate chain in the header; honest tokens are below 8 KB.</summary>
    public const int MaxLength = 32 * 1024;

    private const int MaxDepth = 8;

    private readonly JsonDocument _header;
    private readonly JsonDocument _payload;

    private CompactJws(JsonDocument header, JsonDocument payload, byte[] signed, byte[] signature)
    {
        _header = header;
        _payload = payload;
        Signed = signed;
        Signature = signature;
    }

    /// <summary>A JSON object.</summary>
    public JsonElement Header => _header.RootElement;

    /// <summary>A JSON object.</summary>
    public JsonElement Payload => _payload.RootElement;

    /// <summary>What the signature is over.</summary>
    public byte[] Signed { get; }

    public byte[] Signature { get; }

    public string? Algorithm => Text(Header, "alg");

    public string? KeyId => Text(Header, "kid");

    /// <returns>Null for anything that isn't one.</returns>
    public static CompactJws? Parse(string text)
    {
        if (text.Length > MaxLength || text.Split('.') is not [{ Length: > 0 } header, { Length: > 0 } payload, { Length: > 0 } signature])
        {
            return null;
        }

        if (StrictBase64Url.Decode(signature) is not { } signatureBytes || Object(header) is not { } headerJson)
        {
            return null;
        }

        if (headerJson.RootElement.TryGetProperty("crit", out _) || Object(payload) is not { } payloadJson)
        {
            headerJson.Dispose();
            return null;
        }

        return new(headerJson, payloadJson, Encoding.ASCII.GetBytes($"{header}.{payload}"), signatureBytes);
    }

    /// <returns>Null when the member is absent or no string.</returns>
    public static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>
    /// Seconds since 1970. RFC 7519 wants a number; MSAL for Python sends one with a fraction (<c>1795164353.29</c>), MSAL for .NET a text
    /// of digits.
    /// </summary>
    /// <returns>Null when the member is absent or is no time.</returns>
    public static DateTimeOffset? Time(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value))
        {
            return null;
        }

        var seconds = value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetDouble(out var number) => number,
            JsonValueKind.String when long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => -1,
        };
        return seconds is >= 0 and < 253_402_300_799 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
    }

    /// <summary>One audience, or a list with it in.</summary>
    public static bool HasAudience(JsonElement payload, Func<string, bool> accepted) =>
        payload.TryGetProperty("aud", out var audience) && audience.ValueKind switch
        {
            JsonValueKind.String => accepted(audience.GetString()!),
            JsonValueKind.Array => audience.EnumerateArray().Any(each => each.ValueKind == JsonValueKind.String && accepted(each.GetString()!)),
            _ => false,
        };

    public void Dispose()
    {
        _header.Dispose();
        _payload.Dispose();
    }

    private static JsonDocument? Object(string part) =>
        StrictBase64Url.Decode(part) is { } bytes ? SoundJson.ParseObject(bytes, MaxDepth) : null;
}
