using System.Runtime.CompilerServices;

namespace Postern.Policies.Reading;

/// <summary>
/// Finds where an expression that is written unescaped in XML ends. It only has to agree with C# about brackets, strings and
/// comments; whatever it hands on is parsed again by the C# compiler and refused there if the two disagree.
/// </summary>
internal static class ExpressionScanner
{
    public static bool StartsExpression(ReadOnlySpan<char> text) => text.Length >= 2 && text[0] == '@' && text[1] is '(' or '{';

    /// <returns>Offset after the closing bracket, or -1 when there is none.</returns>
    public static int FindEnd(string text, int start) => SkipBalanced(text, start + 1, text[start + 1] == '(' ? ')' : '}');

    /// <summary>Whether code, not a string or a comment, holds what XML would decode.</summary>
    public static bool HasEntityOutsideStrings(string text, int start, int end)
    {
        for (var i = start + 1; i >= 0 && i < end; i = Skip(text, i))
        {
            if (text[i] == '&' && XmlCharacters.DecodeEntity(text, i, out _) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Offset after the bracket that closes the one at <paramref name="i"/>; -1 when there is none.</summary>
    private static int SkipBalanced(string text, int i, char close)
    {
        // Holes nest strings that nest holes: as deep as the sender likes, so the stack has the last word.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return -1;
        }

        var open = text[i];
        var depth = 0;
        while (i >= 0 && i < text.Length)
        {
            if (text[i] == open)
            {
                depth++;
                i++;
            }
            else if (text[i] != close)
            {
                i = Skip(text, i);
            }
            else if (--depth == 0)
            {
                return i + 1;
            }
            else
            {
                i++;
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

            var quotes = text.AsSpan(quote).IndexOfAnyExcept('"') is var run && run < 0 ? text.Length - quote : run;
            return quotes >= 3 && !verbatim ? SkipRaw(text, quote + quotes, quotes)
                : interpolated ? SkipInterpolated(text, quote + 1, verbatim)
                : verbatim ? SkipVerbatim(text, quote + 1)
                : SkipQuoted(text, quote + 1, '"');
        }

        return i + 1;
    }

    /// <summary>A raw string ends with as many quotes as it began with, wherever its holes are.</summary>
    private static int SkipRaw(string text, int i, int quotes)
    {
        var end = text.IndexOf(new string('"', quotes), i, StringComparison.Ordinal);
        return end < 0 ? -1 : end + quotes;
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
                // C# again, with strings and brackets of its own.
                i = SkipBalanced(text, i, '}');
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
}
