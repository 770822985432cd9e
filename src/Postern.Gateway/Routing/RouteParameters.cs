using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Postern.Gateway.State;

namespace Postern.Gateway.Routing;

/// <summary>
/// The matched parameters of one request: places in the path and query, decoded only when somebody asks. Pooled with the exchange.
/// </summary>
internal sealed class RouteParameters : IReadOnlyDictionary<string, string>
{
    private readonly (int Start, int Length)[] _places = new (int, int)[UrlTemplate.MaxParameters];
    private readonly string?[] _decoded = new string?[UrlTemplate.MaxParameters];
    private int _captured;
    private string _path = "";
    private string _query = "";
    private UrlTemplate? _template;

    /// <summary>How far the path was captured; matching goes back to an earlier mark when a branch fails.</summary>
    public int Mark => _captured;

    public int Count => _template?.Parameters.Length ?? 0;

    public IEnumerable<string> Keys => _template is null ? [] : _template.Parameters;

    public IEnumerable<string> Values => Keys.Select(key => this[key]);

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"The operation's template has no parameter '{key}'.");

    public void Capture(int start, int length)
    {
        if (_captured < _places.Length)
        {
            _places[_captured++] = (start, length);
        }
    }

    public void Return(int mark) => _captured = mark;

    public void Bind(UrlTemplate template, string path, string query)
    {
        _template = template;
        _path = path;
        _query = query;
    }

    public void Clear()
    {
        if (_template is not null)
        {
            Array.Clear(_decoded, 0, _template.Parameters.Length);
        }

        _template = null;
        _captured = 0;
        _path = _query = "";
    }

    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        var index = IndexOf(key);
        value = index < 0 ? null : _decoded[index] ??= Read(index);
        return value is not null;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        foreach (var key in Keys)
        {
            yield return new(key, this[key]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOf(string key)
    {
        var names = _template?.Parameters ?? [];
        for (var i = 0; i < names.Length; i++)
        {
            if (string.Equals(names[i], key, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private string Read(int index)
    {
        if (index < _template!.PathParameterCount)
        {
            var (start, length) = _places[index];
            var text = _path.Substring(start, length);
            return text.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(text) : text;
        }

        foreach (var rule in _template.Query)
        {
            if (rule.ParameterIndex == index && QueryText.TryFind(_query, rule.Name, out var place))
            {
                return QueryText.Decode(_query.AsSpan(place));
            }
        }

        return "";
    }
}
