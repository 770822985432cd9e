using System.Text.Json;

namespace Postern.Policies.Tokens;

/// <summary>Claims of a token, to be believed only once its signature was verified.</summary>
internal sealed class TokenClaims
{
    private readonly JsonElement _claims;

    private TokenClaims(JsonElement claims) => _claims = claims;

    public string? Issuer => TokenText.Member(_claims, "iss");

    public string? TenantId => TokenText.Member(_claims, "tid");

    public IReadOnlyList<string> Audiences => Values("aud") ?? [];

    public static TokenClaims? Read(byte[]? json) => json is not null && TokenText.Object(json) is { } claims ? new(claims) : null;

    /// <returns>False when the claim is there and is no time.</returns>
    public bool TryGetTime(string name, out DateTimeOffset? time)
    {
        time = null;
        if (!_claims.TryGetProperty(name, out var value))
        {
            return true;
        }

        // Seconds since 1970; fractions are allowed by the standard.
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds) || seconds is not (>= 0 and < 253_402_300_799))
        {
            return false;
        }

        time = DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        return true;
    }

    /// <summary>An array has several values, anything else one; numbers, truth values and objects as JSON writes them. Null when there is no such claim.</summary>
    public IReadOnlyList<string>? Values(string name)
    {
        if (!_claims.TryGetProperty(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Text)] : [Text(value)];
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TokenText.Text(value) ?? "",
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };
}
