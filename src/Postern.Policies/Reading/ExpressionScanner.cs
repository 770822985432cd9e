namespace Postern.Policies.Reading;

/// <summary>
/// Finds where an expression that is written unescaped in XML ends. It only has to agree with C# about brackets, strings and
/// comments; whatever it hands on is parsed again by the C# compiler and refused there if the two disagree.
/// </summary>
internal static class ExpressionScanner
{
    public static bool StartsExpression(ReadOnlySpan<char> text) => text.Length >= 2 && text[0] == '@' && text[1] is '(' or '{';

    /// <returns>Offset after the closing bracket, or -1 when there is none.</returns>
    public static int FindEnd(string text, int start)
    {
        var open = text[start + 1];
        var close = open == '(' ? ')' : '}';
        var depth = 0;
        var i = start + 1;
        while (i < text.Length)
        {
            var c = text[i];
            if (c == open)
            {
                depth++;
                i++;
            }
            else if (c == close)
            {
                depth--;
                i++;
                if (depth == 0)
                {
                    return i;
                }
            }
            else
            {
                i = Skip(text, i);
            }

            if (i < 0)
            {
                return -1;
            }
        }

        return -1;
    }

    /// <summary>Offset after the token, comment or string that begins here; -1 when it does not end.</summary>
    private static int Skip(string text, int i)
    {
        var c = text[i];
        var next = i + 1 < text.Length ? text[i + 1] : '\0';
        if (c == '/' && next == '/')
        {
            var end = text.IndexOf('\n', i);
            return end < 0 ? -1 : end + 1;
        }

        if (c == '/' && next == '*')
        {
            var end = text.IndexOf("*/", i + 2, StringComparison.Ordinal);
            return end < 0 ? -1 : end + 2;
        }

        if (c == '\'')
        {
            return SkipQuoted(text, i + 1, '\'');
        }

        if (c is '"' or '$' or '@')
        {
            var verbatim = false;
            var interpolated = false;
            var quote = i;
            while (quote < text.Length && text[quote] is '$' or '@')
            {
                verbatim |= text[quote] == '@';
                interpolated |= text[quote] == '$';
                quote++;
            }

            if (quote >= text.Length || text[quote] != '"')
            {
                return Math.Max(quote, i + 1);
            }

            return interpolated ? SkipInterpolated(text, quote + 1, verbatim)
                : verbatim ? SkipVerbatim(text, quote + 1)
                : SkipQuoted(text, quote + 1, '"');
        }

        return i + 1;
    }

    private static int SkipQuoted(string text, int i, char quote)
    {
        while (i < text.Length)
        {
            if (text[i] == '\\')
            {
                i += 2;
            }
            else if (text[i] == quote)
            {
                return i + 1;
            }
            else if (text[i] == '\n')
            {
                // Not a valid literal: leave the rest to the compiler's message.
                return i;
            }
            else
            {
                i++;
            }
        }

        return -1;
    }

    private static int SkipVerbatim(string text, int i)
    {
        while (i < text.Length)
        {
            if (text[i] == '"')
            {
                if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    i += 2;
                    continue;
                }

                return i + 1;
            }

            i++;
        }

        return -1;
    }

    private static int SkipInterpolated(string text, int i, bool verbatim)
    {
        while (i < text.Length)
        {
            var c = text[i];
            var next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (c == '\\' && !verbatim)
            {
                i += 2;
            }
            else if (c == '"')
            {
                if (verbatim && next == '"')
                {
                    i += 2;
                    continue;
                }

                return i + 1;
            }
            else if (c == '{' && next == '{')
            {
                i += 2;
            }
            else if (c == '{')
            {
                i = SkipHole(text, i);
                if (i < 0)
                {
                    return -1;
                }
            }
            else
            {
                i++;
            }
        }

        return -1;
    }

    /// <summary>A <c>{…}</c> inside an interpolated string is C# again, with strings and brackets of its own.</summary>
    private static int SkipHole(string text, int i)
    {
        // Holes nest strings that nest holes: as deep as the sender likes, so the stack has the last word.
        if (!System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return -1;
        }

        var depth = 0;
        while (i < text.Length)
        {
            if (text[i] == '{')
            {
                depth++;
                i++;
            }
            else if (text[i] == '}')
            {
                depth--;
                i++;
                if (depth == 0)
                {
                    return i;
                }
            }
            else
            {
                i = Skip(text, i);
                if (i < 0)
                {
                    return -1;
                }
            }
        }

        return -1;
    }
}
