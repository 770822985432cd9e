namespace Postern.Portal.Policies;

/// <summary>Where a C# expression <c>@(…)</c> or <c>@{…}</c> ends, looking past brackets in its strings, characters and comments.</summary>
internal static class ExpressionEnd
{
    public static bool Begins(string text, int at) => at + 1 < text.Length && text[at] == '@' && text[at + 1] is '(' or '{';

    /// <returns>The position after the closing bracket, or the text's length when there is none.</returns>
    public static int Find(string text, int start)
    {
        var open = text[start + 1];
        var close = open == '(' ? ')' : '}';
        var depth = 0;
        for (var at = start + 1; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == open)
            {
                depth++;
            }
            else if (letter == close && --depth == 0)
            {
                return at + 1;
            }
            else if (letter is '"' or '\'')
            {
                at = LiteralEnd(text, at);
            }
            else if (letter == '/' && at + 1 < text.Length && text[at + 1] is '/' or '*')
            {
                at = CommentEnd(text, at);
            }
        }

        return text.Length;
    }

    /// <returns>The position of the closing quote.</returns>
    private static int LiteralEnd(string text, int at)
    {
        var quote = text[at];
        var verbatim = quote == '"' && at > 0 && (text[at - 1] == '@' || (at > 1 && text[at - 1] == '$' && text[at - 2] == '@'));
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\\' && !verbatim)
            {
                at++;
            }
            else if (text[at] == quote)
            {
                return at;
            }
        }

        return text.Length;
    }

    private static int CommentEnd(string text, int at)
    {
        var end = text[at + 1] == '/' ? text.IndexOf('\n', at) : text.IndexOf("*/", at + 2, StringComparison.Ordinal) is >= 0 and var found ? found + 1 : -1;
        return end < 0 ? text.Length : end;
    }
}
