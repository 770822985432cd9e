using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Postern.Policies.OData;

/// <summary>What the URL of an OData request must look like, whatever the service's model: known options, once each, with values that can be.</summary>
internal static class ODataUrlRules
{
    private static readonly HashSet<string> Options = new(StringComparer.OrdinalIgnoreCase)
    {
        "filter", "select", "expand", "orderby", "top", "skip", "count", "search", "format", "skiptoken", "deltatoken", "compute", "apply", "index",
        "levels", "schemaversion", "id", "inlinecount",
    };

    private static readonly HashSet<string> Segments = new(StringComparer.Ordinal)
    {
        "$metadata", "$batch", "$count", "$value", "$ref", "$all", "$entity", "$each", "$links", "$query",
    };

    /// <returns>What is wrong and with what; null when nothing is.</returns>
    public static (string Name, string Details)? Check(string path, string query) => CheckPath(path) ?? CheckQuery(query);

    private static (string Name, string Details)? CheckPath(string path)
    {
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString))
        {
            if (segment.StartsWith('$') && !Segments.Contains(segment) && !segment.StartsWith("$crossjoin(", StringComparison.Ordinal)
                && !segment.StartsWith("$filter(", StringComparison.Ordinal))
            {
                return (segment, $"The path segment '{segment}' is not known to OData.");
            }

            if (!IsBalanced(segment))
            {
                return (segment, $"Brackets or quotes of the path segment '{segment}' do not match.");
            }
        }

        return null;
    }

    private static (string Name, string Details)? CheckQuery(string query)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName().ToString();
            if (!name.StartsWith('$'))
            {
                // Parameter aliases and the service's own options.
                continue;
            }

            if (!Options.Contains(name[1..]))
            {
                return (name, $"The query option '{name}' is not known to OData.");
            }

            if (!seen.Add(name))
            {
                return (name, $"The query option '{name}' may be given once.");
            }

            if (!Fits(name[1..].ToLowerInvariant(), pair.DecodeValue().ToString().Trim()))
            {
                return (name, $"The value of the query option '{name}' is not valid.");
            }
        }

        return null;
    }

    private static bool Fits(string option, string value) => option switch
    {
        "top" or "skip" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        "index" => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "count" => value is "true" or "false",
        "inlinecount" => value is "allpages" or "none",
        "select" or "expand" or "orderby" => IsBalanced(value) && IsList(value),
        _ => value.Length > 0 && IsBalanced(value),
    };

    /// <summary>No empty items at the outermost level.</summary>
    private static bool IsList(string value)
    {
        var (depth, empty) = (0, true);
        foreach (var c in value)
        {
            depth += c switch { '(' => 1, ')' => -1, _ => 0 };
            if (c == ',' && depth == 0)
            {
                if (empty)
                {
                    return false;
                }

                empty = true;
            }
            else
            {
                empty &= char.IsWhiteSpace(c);
            }
        }

        return !empty;
    }

    /// <summary>Round and square brackets, and single quotes, within which anything goes; a doubled quote stands for one.</summary>
    private static bool IsBalanced(string text)
    {
        var open = new Stack<char>();
        var quoted = false;
        foreach (var c in text)
        {
            if (c == '\'')
            {
                quoted = !quoted;
            }
            else if (quoted)
            {
                continue;
            }
            else if (c is '(' or '[')
            {
                open.Push(c == '(' ? ')' : ']');
            }
            else if (c is ')' or ']' && (open.Count == 0 || open.Pop() != c))
            {
                return false;
            }
        }

        return !quoted && open.Count == 0;
    }
}
