using System.Text;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("rewrite-uri", In.Inbound | In.Backend, Summary = "Replaces path and query of the request to the backend.")]
internal sealed record RewriteUriPolicy : Policy, ILight
{
    [XmlAttribute("template", AllowsEmpty = true, Summary = "New path and query; {name} stands for a parameter of the operation's template.")]
    public required Value<string> Template { get; init; }

    [XmlAttribute("copy-unmatched-params", Summary = "Keep query parameters that are not parameters of the operation's template.")]
    public Value<bool> CopyUnmatched { get; init; } = true;

    public override PolicyStep Compile(PolicyCompile compile) => context =>
    {
        var template = Template.Get(context).Trim();
        if (template.Length > 0 && !template.AsSpan().ContainsAny('{', '?') && (string.IsNullOrEmpty(context.Request.Backend.Query) || !CopyUnmatched.Get(context)))
        {
            context.Request.Backend = context.Request.Backend with { Path = template[0] == '/' ? template : $"/{template}", Query = "" };
            return default;
        }

        var cut = template.IndexOf('?', StringComparison.Ordinal);
        var path = new StringBuilder();
        var query = new StringBuilder();
        var unknown = Fill(cut < 0 ? template : template[..cut], context, path, inQuery: false)
            ?? Fill(cut < 0 ? "" : template[(cut + 1)..], context, query, inQuery: true);
        if (unknown is not null)
        {
            return new(Flow.Fail(
                Error(500, "TemplateParameterUnknown", $"'{unknown}' in the template is not a parameter of the operation.") with { PublicMessage = null }));
        }

        if (path.Length > 0 && path[0] != '/')
        {
            path.Insert(0, '/');
        }

        if (CopyUnmatched.Get(context))
        {
            CopyUnmatchedParameters(context, query);
        }

        context.Request.Backend = context.Request.Backend with
        {
            Path = path.ToString(),
            Query = query.Length == 0 ? "" : query.Insert(0, '?').ToString(),
        };
        return default;
    };

    /// <returns>The first parameter that the operation does not have; null when all were filled.</returns>
    private static string? Fill(ReadOnlySpan<char> template, PolicyContext context, StringBuilder result, bool inQuery)
    {
        while (true)
        {
            var open = template.IndexOf('{');
            var close = open < 0 ? -1 : template[open..].IndexOf('}');
            if (close < 0)
            {
                result.Append(template);
                return null;
            }

            result.Append(template[..open]);
            var name = template.Slice(open + 1, close - 1).ToString().TrimStart('*');
            if (!context.Request.MatchedParameters.TryGetValue(name, out var value))
            {
                return name;
            }

            // A path parameter may hold several segments ({*rest}); in a query a value must not begin another parameter.
            result.Append(inQuery ? Uri.EscapeDataString(value) : EscapePath(value));
            template = template[(open + close + 1)..];
        }
    }

    private static string EscapePath(string value) => Uri.EscapeDataString(value).Replace("%2F", "/", StringComparison.Ordinal);

    /// <summary>Adds what the caller sent beyond the operation's template; a parameter that the new template names wins.</summary>
    private static void CopyUnmatchedParameters(PolicyContext context, StringBuilder query)
    {
        var named = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var written in new WrittenParameters(query.ToString()))
        {
            named.Add(WrittenParameters.NameOf(written));
        }

        foreach (var written in new WrittenParameters(context.Request.Backend.Query))
        {
            var name = WrittenParameters.NameOf(written);
            if (!named.Contains(name) && !context.Request.MatchedParameters.ContainsKey(name))
            {
                query.Append(query.Length == 0 ? "" : "&").Append(written);
            }
        }
    }
}
