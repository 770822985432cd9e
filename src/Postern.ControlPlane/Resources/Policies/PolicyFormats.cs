using System.Text;
using Postern.Policies;

namespace Postern.ControlPlane.Resources.Policies;

/// <summary>
/// Between <c>xml</c>, where expressions are escaped like any XML text, and <c>rawxml</c>, where they stand as they are. Only the text of
/// expressions changes; everything around them stays as it was written.
/// </summary>
internal static class PolicyFormats
{
    public static string ToXml(string raw) => Convert(raw, Escaped);

    public static string ToRaw(string xml) => Convert(xml, Unescaped);

    /// <param name="change">From a text and where an expression begins in it: how it is to be written, and where it ends.</param>
    private static string Convert(string text, Func<string, int, (string Changed, int End)> change)
    {
        var result = new StringBuilder(text.Length + 64);
        var at = 0;
        while (at < text.Length)
        {
            var start = NextExpression(text, at);
            if (start < 0)
            {
                break;
            }

            var (changed, end) = change(text, start);
            result.Append(text, at, start - at).Append(changed);
            at = end;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    private static int NextExpression(string text, int from)
    {
        for (var i = from; i + 1 < text.Length; i++)
        {
            if (text[i] == '<' && text.AsSpan(i).StartsWith("<!--"))
            {
                var end = text.IndexOf("-->", i + 4, StringComparison.Ordinal);
                if (end < 0)
                {
                    return -1;
                }

                i = end + 2;
            }
            else if (text[i] == '@' && text[i + 1] is '(' or '{')
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Index after the bracket that closes the expression; brackets in C# texts and comments don't count.</summary>
    private static int ExpressionEnd(string text, int start)
    {
        var depth = 0;
        for (var i = start + 1; i < text.Length; i++)
        {
            i = SkipLiteral(text, i);
            if (i >= text.Length)
            {
                break;
            }

            if (text[i] is '(' or '{' or '[')
            {
                depth++;
            }
            else if (text[i] is ')' or '}' or ']' && --depth == 0)
            {
                return i + 1;
            }
        }

        return text.Length;
    }

    private static int SkipLiteral(string text, int at)
    {
        foreach (var quote in (ReadOnlySpan<string>)["\"", "&quot;", "'", "&apos;"])
        {
            if (!text.AsSpan(at).StartsWith(quote))
            {
                continue;
            }

            var verbatim = quote[^1] is '"' or ';' && at > 0 && text[at - 1] == '@';
            for (var i = at + quote.Length; i < text.Length; i++)
            {
                if (text[i] == '\\' && !verbatim)
                {
                    i++;
                }
                else if (text.AsSpan(i).StartsWith(quote))
                {
                    return i + quote.Length;
                }
            }

            return text.Length;
        }

        return at;
    }

    private static (string Changed, int End) Escaped(string raw, int start) =>
        RawExpression.Read(raw, start, out var end) is { } code ? (Escape(code), end) : (Escape(raw[start..]), raw.Length);

    private static (string Changed, int End) Unescaped(string xml, int start)
    {
        var end = ExpressionEnd(xml, start);
        return (System.Net.WebUtility.HtmlDecode(xml[start..end]), end);
    }

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);
}
