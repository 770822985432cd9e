namespace Postern.Portal.Policies;

/// <summary>
/// Cuts a policy document into pieces for showing. It takes any text, also unfinished XML: it only colours, the control plane judges.
/// As in rawxml, expressions are not XML-escaped: quotes and angle brackets in them are theirs.
/// </summary>
internal static class PolicyLexer
{
    public static IReadOnlyList<IReadOnlyList<PolicyToken>> Lines(string document)
    {
        var lines = new List<IReadOnlyList<PolicyToken>>();
        var line = new List<PolicyToken>();
        foreach (var (kind, start, end) in Cut(document))
        {
            var rest = document.AsSpan(start, end - start);
            for (var at = rest.IndexOf('\n'); at >= 0; at = rest.IndexOf('\n'))
            {
                Add(line, kind, rest[..at]);
                lines.Add(line);
                line = [];
                rest = rest[(at + 1)..];
            }

            Add(line, kind, rest);
        }

        lines.Add(line);
        return lines;
    }

    private static void Add(List<PolicyToken> line, PolicyTokenKind kind, ReadOnlySpan<char> text)
    {
        text = text.TrimEnd('\r');
        if (text.Length > 0)
        {
            line.Add(new(kind, text.ToString()));
        }
    }

    private static IEnumerable<(PolicyTokenKind Kind, int Start, int End)> Cut(string text)
    {
        var at = 0;
        var inTag = false;
        while (at < text.Length)
        {
            var (kind, end) = inTag ? InTag(text, at) : Between(text, at);
            yield return (kind, at, end);
            inTag = kind == PolicyTokenKind.Element ? text[end - 1] != '>' : inTag;
            at = end;
        }
    }

    private static (PolicyTokenKind Kind, int End) Between(string text, int at)
    {
        if (Starts(text, at, "<!--"))
        {
            return (PolicyTokenKind.Comment, After(text, at, "-->"));
        }

        if (Starts(text, at, "<![CDATA["))
        {
            return (PolicyTokenKind.Value, After(text, at, "]]>"));
        }

        if (text[at] == '<')
        {
            var end = at + 1;
            while (end < text.Length && !char.IsWhiteSpace(text[end]) && (text[end] is not ('>' or '<') && !Starts(text, end, "/>")))
            {
                end++;
            }

            return (PolicyTokenKind.Element, end < text.Length && text[end] == '>' ? end + 1 : end);
        }

        if (ExpressionEnd.Begins(text, at))
        {
            return (PolicyTokenKind.Expression, ExpressionEnd.Find(text, at));
        }

        var next = at + 1;
        while (next < text.Length && text[next] != '<' && !ExpressionEnd.Begins(text, next))
        {
            next++;
        }

        return (PolicyTokenKind.Text, next);
    }

    private static (PolicyTokenKind Kind, int End) InTag(string text, int at) => text[at] switch
    {
        '>' => (PolicyTokenKind.Element, at + 1),
        '/' when Starts(text, at, "/>") => (PolicyTokenKind.Element, at + 2),
        '"' or '\'' => Quoted(text, at),
        '=' or '/' or '<' => (PolicyTokenKind.Text, at + 1),
        var space when char.IsWhiteSpace(space) => (PolicyTokenKind.Text, Until(text, at, other => !char.IsWhiteSpace(other))),
        _ => (PolicyTokenKind.Attribute, Until(text, at, other => char.IsWhiteSpace(other) || other is '=' or '>' or '/' or '"' or '\'')),
    };

    private static (PolicyTokenKind Kind, int End) Quoted(string text, int at)
    {
        var isExpression = ExpressionEnd.Begins(text, at + 1);
        var close = text.IndexOf(text[at], isExpression ? ExpressionEnd.Find(text, at + 1) : at + 1);
        return (isExpression ? PolicyTokenKind.Expression : PolicyTokenKind.Value, close < 0 ? text.Length : close + 1);
    }

    private static int Until(string text, int at, Func<char, bool> stop)
    {
        do
        {
            at++;
        }
        while (at < text.Length && !stop(text[at]));
        return at;
    }

    private static int After(string text, int at, string end) =>
        text.IndexOf(end, at, StringComparison.Ordinal) is >= 0 and var found ? found + end.Length : text.Length;

    private static bool Starts(string text, int at, string with) => string.CompareOrdinal(text, at, with, 0, with.Length) == 0;
}
