using Microsoft.AspNetCore.WebUtilities;
using Postern.Policies.Runtime;

namespace Postern.Policies.Expressions;

/// <summary>An address as expressions see it.</summary>
internal sealed class UrlView(RequestUrl url) : IUrl
{
    private Dictionary<string, string[]>? _query;

    public string Scheme => url.Scheme;

    public string Host => url.Host;

    public int Port => url.Port;

    public string Path => url.Path;

    /// <summary>Empty, or begins with <c>?</c>.</summary>
    public string QueryString => url.Query;

    public IReadOnlyDictionary<string, string[]> Query => _query ??= Parse(url.Query);

    /// <summary>Absolute; a default port is left out.</summary>
    public override string ToString()
    {
        var isDefault = url.Port is 0 or -1
            || (url.Port == 443 && url.Scheme is ("https" or "wss"))
            || (url.Port == 80 && url.Scheme is ("http" or "ws"));
        return isDefault ? $"{url.Scheme}://{url.Host}{url.Path}{url.Query}" : $"{url.Scheme}://{url.Host}:{url.Port}{url.Path}{url.Query}";
    }

    private static Dictionary<string, string[]> Parse(string query)
    {
        var values = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName().ToString();
            if (!values.TryGetValue(name, out var list))
            {
                values[name] = list = [];
            }

            list.Add(pair.DecodeValue().ToString());
        }

        return values.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
    }
}
