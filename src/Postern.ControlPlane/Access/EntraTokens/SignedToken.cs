using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Postern.ControlPlane.Access.EntraTokens;

/// <summary>
/// A signed JSON web token in compact form, taken apart strictly and without exceptions for what strangers send: three parts, no
/// duplicate members, nothing encrypted, no critical extensions.
/// </summary>
internal sealed class SignedToken
{
    /// <summary>Characters; Entra's tokens with 200 groups stay well below.</summary>
    public const int Longest = 16 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private readonly JsonElement _claims;
    private readonly byte[] _input;
    private readonly byte[] _signature;

    private SignedToken(string algorithm, string keyId, JsonElement claims, byte[] input, byte[] signature)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        _claims = claims;
        _input = input;
        _signature = signature;
    }

    public string Algorithm { get; }

    public string KeyId { get; }

    /// <returns>Null when it is no such token.</returns>
    public static SignedToken? Parse(string text)
    {
        if (text.Length is 0 or > Longest || text.Split('.') is not [var header, var claims, var signature]
            || Object(header) is not { } head || Object(claims) is not { } body || Bytes(signature) is not { Length: > 0 } signed)
        {
            return null;
        }

        return Text(head, "alg") is { } algorithm && Text(head, "kid") is { Length: > 0 and <= 256 } keyId && !head.TryGetProperty("crit", out _)
            ? new(algorithm, keyId, body, Encoding.ASCII.GetBytes(text, 0, header.Length + 1 + claims.Length), signed)
            : null;
    }

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256, which is RS256.</summary>
    public bool IsSignedWith(RSA key)
    {
        lock (key)
        {
            return key.VerifyData(_input, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    /// <summary>Believe none of it before the signature was checked. Claims of unexpected types count as absent.</summary>
    public TokenClaims Claims() => new(
        Text(_claims, "iss"),
        Audiences(),
        Text(_claims, "tid"),
        Text(_claims, "oid"),
        Text(_claims, "appid") ?? Text(_claims, "azp"),
        Time("nbf"),
        Time("exp"));

    private IReadOnlyList<string> Audiences() => _claims.TryGetProperty("aud", out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
            _ => [],
        }
        : [];

    /// <summary>Seconds since 1970; fractions are allowed by the standard.</summary>
    private DateTimeOffset? Time(string name) =>
        _claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds)
            && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;

    private static JsonElement? Object(string part)
    {
        if (Bytes(part) is not { } bytes)
        {
            return null;
        }

        try
        {
            // Text is decoded only when it is asked for: what can't be is found out here.
            if (!System.Text.Unicode.Utf8.IsValid(bytes))
            {
                return null;
            }

            using var document = JsonDocument.Parse(bytes, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[]? Bytes(string part)
    {
        if (part.Contains('=') || !Base64Url.IsValid(part, out var length))
        {
            return null;
        }

        var bytes = new byte[length];
        return Base64Url.TryDecodeFromChars(part, bytes, out var written) && written == length ? bytes : null;
    }

    private static string? Text(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair.
            return null;
        }
    }
}
