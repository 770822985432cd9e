namespace Postern.Gateway.Routing;

/// <summary>An operation's template, taken apart: <c>/orders/{id}/lines/*?expand={expand}</c>.</summary>
internal sealed class UrlTemplate
{
    /// <summary>Most parameters of one template; more are refused when the snapshot is compiled.</summary>
    public const int MaxParameters = 32;

    private UrlTemplate(string text, IReadOnlyList<TemplateSegment> segments, string[] parameters, int pathParameterCount, QueryRule[] query)
    {
        Text = text;
        Segments = segments;
        Parameters = parameters;
        PathParameterCount = pathParameterCount;
        Query = query;
        var question = text.IndexOf('?', StringComparison.Ordinal);
        Path = question < 0 ? text : text[..question];
    }

    public string Text { get; }

    /// <summary>Without the query.</summary>
    public string Path { get; }

    public IReadOnlyList<TemplateSegment> Segments { get; }

    /// <summary>Names in order of appearance; those of the path come first.</summary>
    public string[] Parameters { get; }

    public int PathParameterCount { get; }

    /// <summary>What the query must have.</summary>
    public QueryRule[] Query { get; }

    /// <exception cref="FormatException">The template cannot be understood.</exception>
    public static UrlTemplate Parse(string text)
    {
        var question = text.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? text : text[..question];
        var parameters = new List<string>();
        var segments = new List<TemplateSegment>();
        var parts = path.Trim('/') is { Length: > 0 } trimmed ? trimmed.Split('/') : [];
        for (var i = 0; i < parts.Length; i++)
        {
            segments.Add(TemplateSegment.Parse(parts[i], i == parts.Length - 1, parameters));
        }

        var inPath = parameters.Count;
        var query = question < 0 ? [] : ParseQuery(text[(question + 1)..], parameters);
        if (parameters.Count > MaxParameters)
        {
            throw new FormatException($"The template '{text}' has more than {MaxParameters} parameters.");
        }

        return new(text, segments, [.. parameters], inPath, query);
    }

    private static QueryRule[] ParseQuery(string query, List<string> parameters)
    {
        var rules = new List<QueryRule>();
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? pair : pair[..equals];
            var value = equals < 0 ? "" : pair[(equals + 1)..];
            if (value.StartsWith('{') && value.EndsWith('}'))
            {
                rules.Add(new(name, null, parameters.Count));
                parameters.Add(value[1..^1]);
            }
            else
            {
                rules.Add(new(name, value, -1));
            }
        }

        return [.. rules];
    }
}

/// <param name="Value">What it must be; null for a parameter, which may be anything.</param>
/// <param name="ParameterIndex">Into <see cref="UrlTemplate.Parameters"/>; -1 for a literal.</param>
internal sealed record QueryRule(string Name, string? Value, int ParameterIndex);
