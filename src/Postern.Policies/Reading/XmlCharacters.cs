using System.Globalization;

namespace Postern.Policies.Reading;

/// <summary>Characters of values and texts: entities are replaced, what XML does not allow is refused.</summary>
internal static class XmlCharacters
{
    /// <summary>Longest entity with its <c>&amp;</c> and <c>;</c>.</summary>
    private const int LongestEntity = 12;

    /// <summary>Reads one entity, or all characters up to the next one that may mean something.</summary>
    public static void Read(XmlCursor cursor, DecodedText into, string element)
    {
        if (cursor.Next == '&')
        {
            ReadEntity(cursor, into, element);
            return;
        }

        var text = cursor.Text;
        var run = cursor.At;
        while (run < text.Length && text[run] is not ('&' or '<' or '"' or '\''))
        {
            run++;
        }

        run = Math.Max(run, cursor.At + 1);
        Check(text, cursor.At, run, element);
        into.Append(text.AsSpan(cursor.At, run - cursor.At), cursor.At);
        cursor.At = run;
    }

    /// <param name="at">Of an ampersand.</param>
    /// <returns>What the entity there stands for; null when it is none that XML knows.</returns>
    public static string? DecodeEntity(string text, int at, out int end)
    {
        var semicolon = text.IndexOf(';', at, Math.Min(LongestEntity, text.Length - at));
        var entity = semicolon < 0 ? "" : text[(at + 1)..semicolon];
        end = semicolon + 1;
        return entity switch
        {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            _ when entity.StartsWith('#') => DecodeNumber(entity.AsSpan(1)),
            _ => null,
        };
    }

    private static void ReadEntity(XmlCursor cursor, DecodedText into, string element)
    {
        var start = cursor.At;
        if (DecodeEntity(cursor.Text, start, out var end) is not { } decoded)
        {
            throw new MalformedXmlException(start, element,
                "'&' does not begin a known entity; write &amp;. Only expressions may hold it as it is, and those in format rawxml alone.");
        }

        into.AppendDecoded(decoded, start, end);
        cursor.At = end;
    }

    private static string? DecodeNumber(ReadOnlySpan<char> digits)
    {
        var ok = digits.StartsWith("x")
            ? int.TryParse(digits[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out code);
        return ok && code is 9 or 10 or 13 or (>= 32 and < 0xD800) or (> 0xDFFF and < 0xFFFE) or (> 0xFFFF and <= 0x10FFFF)
            ? char.ConvertFromUtf32(code)
            : null;
    }

    private static void Check(string text, int from, int to, string element)
    {
        for (var i = from; i < to; i++)
        {
            if (text[i] < ' ' && text[i] is not ('\t' or '\n' or '\r'))
            {
                throw new MalformedXmlException(i, element, $"Character 0x{(int)text[i]:X2} is not allowed in XML.");
            }
        }
    }
}
