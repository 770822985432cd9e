using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Postern.Gateway.Settings;

namespace Postern.Gateway.Doctor;

/// <summary>Reads what a credential claims, without checking it: that is the server's business.</summary>
internal static class TokenClaims
{
    public static Finding Examine(string authorization, GatewaySettings settings, DateTimeOffset now)
    {
        var (scheme, value) = authorization.Split(' ', 2) is [var first, var second] ? (first, second) : ("", authorization);
        return scheme == "GatewayKey" ? ExamineGatewayToken(value, settings, now) : ExamineEntraToken(value, now);
    }

    private static Finding ExamineGatewayToken(string token, GatewaySettings settings, DateTimeOffset now)
    {
        var fields = token.Split('&', 3);
        if (!DateTimeOffset.TryParseExact(fields[1], "yyyyMMddHHmm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiry))
        {
            return GatewayDoctor.Broken("claims", $"the gateway token's second field, '{fields[1]}', is no time of the form yyyyMMddHHmm", "G201");
        }

        return expiry <= now
            ? GatewayDoctor.Broken("claims", $"the gateway token expired at {expiry:u}; generate a new one", "G227")
            : fields[0] != settings.GatewayName
                ? GatewayDoctor.Broken("claims", $"the token is for gateway '{fields[0]}', the settings say '{settings.GatewayName}'", "G227")
                : new("claims", $"gateway '{fields[0]}', until {expiry:u}");
    }

    private static Finding ExamineEntraToken(string token, DateTimeOffset now)
    {
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));
            var expiry = DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("exp").GetInt64());
            var audience = Text(claims, "aud");
            var detail = $"audience {audience}, issuer {Text(claims, "iss")}, app {Text(claims, "appid") ?? Text(claims, "azp")}, object id {Text(claims, "oid")}, until {expiry:u}";
            return expiry > now
                ? new("claims", detail)
                : GatewayDoctor.Broken("claims", $"the token is expired already ({detail}): check this machine's clock", "G227");
        }
        catch (Exception opaque) when (opaque is JsonException or FormatException or IndexOutOfRangeException or KeyNotFoundException or InvalidOperationException)
        {
            return new("claims", "the token is opaque to its holder");
        }
    }

    private static string? Text(JsonDocument claims, string name) =>
        claims.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
