using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Postern.Policies.Expressions;

/// <summary>A token's content. Reading it checks nothing: that is what validate-jwt is for.</summary>
public sealed class Jwt
{
    private readonly JObject _header;
    private readonly Dictionary<string, string[]> _claims;

    private Jwt(JObject header, JObject payload)
    {
        _header = header;
        _claims = payload.Properties().ToDictionary(property => property.Name, property => TextsOf(property.Value), StringComparer.Ordinal);
    }

    public string? Algorithm => (string?)_header["alg"];

    public string? Type => (string?)_header["typ"];

    public string? Id => _claims.GetValueOrDefault("jti");

    public string? Issuer => _claims.GetValueOrDefault("iss");

    public string? Subject => _claims.GetValueOrDefault("sub");

    public IEnumerable<string> Audiences => _claims.TryGetValue("aud", out var values) ? values : [];

    public IReadOnlyDictionary<string, string[]> Claims => _claims;

    public DateTime? ExpirationTime => TimeOf("exp");

    public DateTime? IssuedAt => TimeOf("iat");

    public DateTime? NotBefore => TimeOf("nbf");

    /// <summary>Reads a token, with or without <c>Bearer </c> in front; null when it is none.</summary>
    public static Jwt? Parse(string? token)
    {
        if (token is null)
        {
            return null;
        }

        token = token.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? token[7..].Trim() : token.Trim();
        var parts = token.Split('.');
        return parts.Length == 3 && ReadPart(parts[0]) is { } header && ReadPart(parts[1]) is { } payload ? new(header, payload) : null;
    }

    private static JObject? ReadPart(string part)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(part))))
            {
                DateParseHandling = DateParseHandling.None,
                MaxDepth = 64,
            };
            return JToken.ReadFrom(reader) as JObject;
        }
        catch (Exception problem) when (problem is FormatException or JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static string[] TextsOf(JToken value) => value switch
    {
        JArray array => [.. array.Select(TextOf)],
        _ => [TextOf(value)],
    };

    private static string TextOf(JToken value) => value.Type switch
    {
        JTokenType.String => (string)value!,
        JTokenType.Null => "",
        JTokenType.Boolean => (bool)value ? "true" : "false",
        _ => value.ToString(Formatting.None),
    };

    private DateTime? TimeOf(string claim) =>
        _claims.TryGetValue(claim, out var values) && values is [var only]
            && double.TryParse(only, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 2e11
            ? DateTime.UnixEpoch.AddSeconds(seconds)
            : null;
}
