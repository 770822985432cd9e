using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using Postern.Gateway.Routing;

namespace Postern.Gateway.Tracing;

/// <summary>
/// Takes credentials out of a trace: header by header and parameter by parameter where names tell, and everywhere else the texts that were
/// seen in such places or that the configuration holds as secrets.
/// </summary>
/// <param name="debug">What the configuration holds as secrets.</param>
internal sealed partial class TraceMask(DebugState debug)
{
    public const string Mask = "*****";

    private static readonly string[] Names =
    [
        "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Ocp-Apim-Subscription-Key", "Apim-Debug-Authorization", "X-Functions-Key", "X-ARR-ClientCert",
    ];

    private static readonly string[] Marks = ["secret", "password", "token", "apikey", "api-key", "signature"];

    private static readonly HashSet<string> Headers = new(Names, StringComparer.OrdinalIgnoreCase);
    private static readonly string[] Parameters = ["subscription-key", "code", "sig"];

    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);
    private string[]? _ordered;

    /// <param name="secret">Shown nowhere from now on, also escaped or encoded.</param>
    public void Learn(string? secret)
    {
        foreach (var form in FormsOf(secret))
        {
            if (_secrets.Add(form))
            {
                _ordered = null;
            }
        }
    }

    /// <summary>A secret as it is, and escaped or encoded as policies put it into addresses, JSON and headers.</summary>
    public static IEnumerable<string> FormsOf(string? secret) => string.IsNullOrWhiteSpace(secret) || secret == Mask
        ? []
        : [secret, Uri.EscapeDataString(secret), JsonEncodedText.Encode(secret).ToString(), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))];

    /// <summary>A header as it is shown. What is masked is learned: policies may copy it elsewhere.</summary>
    public string Header(string name, StringValues values)
    {
        if (!Headers.Contains(name) && !debug.SecretHeaders.Contains(name) && !Marks.Any(mark => name.Contains(mark, StringComparison.OrdinalIgnoreCase)))
        {
            return values.ToString();
        }

        foreach (var value in values)
        {
            LearnCredential(value ?? "");
        }

        return Mask;
    }

    /// <summary>A query as it is shown.</summary>
    public string Query(string query)
    {
        foreach (var name in Parameters.Concat(debug.SecretParameters))
        {
            if (QueryText.TryFind(query, name, out var place))
            {
                Learn(QueryText.Decode(query.AsSpan(place)));
                query = string.Concat(query.AsSpan(0, place.Start.Value), Mask, query.AsSpan(place.End.Value));
            }
        }

        return query;
    }

    public string Text(string text)
    {
        foreach (var secret in debug.Secrets.Concat(_ordered ??= [.. _secrets.OrderByDescending(secret => secret.Length)]))
        {
            text = text.Replace(secret, Mask, StringComparison.Ordinal);
        }

        text = JsonMember().Replace(text, $"$1\"{Mask}\"");
        text = FormField().Replace(text, $"$1{Mask}");
        return Jwt().Replace(text, Mask);
    }

    /// <summary>The same tree with every text masked.</summary>
    public JsonNode? Apply(JsonNode? node) => node switch
    {
        JsonObject value => new JsonObject(value.Select(member => KeyValuePair.Create(member.Key, Apply(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Apply)]),
        JsonValue leaf when leaf.GetValueKind() == JsonValueKind.String => JsonValue.Create(Text(leaf.GetValue<string>())),
        null => null,
        _ => node.DeepClone(),
    };

    private void LearnCredential(string value)
    {
        Learn(value);
        var blank = value.IndexOf(' ', StringComparison.Ordinal);
        if (blank <= 0)
        {
            return;
        }

        var credential = value[(blank + 1)..].Trim();
        Learn(credential);
        var bytes = new byte[credential.Length];
        if (value.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) && Convert.TryFromBase64String(credential, bytes, out var length))
        {
            var pair = Encoding.UTF8.GetString(bytes, 0, length);
            Learn(pair);
            Learn(pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        }
    }

    private const string Sensitive = "password|passwd|pwd|secret|client_secret|clientSecret|access_token|accessToken|refresh_token|refreshToken|id_token|client_assertion|assertion|api_key|apiKey|sharedAccessKey";

    /// <summary>A body may be cut in the middle of the text.</summary>
    [GeneratedRegex($"""("(?:{Sensitive})"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|$)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex JsonMember();

    [GeneratedRegex($@"((?:^|[&?\s])(?:{Sensitive})=)[^&\s]*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex FormField();

    [GeneratedRegex(@"eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Jwt();
}
