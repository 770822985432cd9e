namespace Postern.Policies.Reading;

/// <summary>
/// Expressions that were escaped although the format is rawxml: editors and tools escape out of habit, and the product takes both. C# has no
/// use for <c>&amp;lt;</c> outside of its strings, so nothing that was meant as it stands is lost.
/// </summary>
internal static class EscapedExpression
{
    /// <summary>The expression that begins at <paramref name="start"/> with its entities replaced.</summary>
    /// <param name="delimiter">What ends the value: its quote, or the next tag's <c>&lt;</c>.</param>
    /// <param name="rawEnd">Where the expression ends when taken as it stands; -1 when it doesn't.</param>
    /// <param name="end">Offset after the expression.</param>
    /// <returns>Null when it is to be taken as it stands.</returns>
    public static DecodedText? TryRead(string text, int start, char delimiter, int rawEnd, out int end)
    {
        // As an XML parser would read the value: it can then be nothing but escaped.
        var limit = text.IndexOf(delimiter, start);
        end = start + text.AsSpan(start, Math.Max(limit - start, 0)).TrimEnd().Length;
        if (TryDecode(text, start, end) is { } whole)
        {
            return whole;
        }

        // Quotes as they stand beside entities.
        end = rawEnd;
        return rawEnd > 0 && ExpressionScanner.HasEntityOutsideStrings(text, start, rawEnd) ? TryDecode(text, start, rawEnd) : null;
    }

    private static DecodedText? TryDecode(string text, int start, int end)
    {
        if (text.AsSpan(start, end - start).IndexOf('&') < 0)
        {
            return null;
        }

        var value = new DecodedText();
        for (var i = start; i < end;)
        {
            var next = text.AsSpan(i, end - i).IndexOf('&') is var ahead && ahead < 0 ? end : i + ahead;
            value.Append(text.AsSpan(i, next - i), i);
            i = next;
            if (i < end)
            {
                if (XmlCharacters.DecodeEntity(text, i, out var after) is not { } decoded)
                {
                    return null;
                }

                value.AppendDecoded(decoded, i, after);
                i = after;
            }
        }

        return ExpressionScanner.FindEnd(value.Value, 0) == value.Value.Length ? value : null;
    }
}
