using Postern.Policies.Reading;

namespace Postern.Policies;

/// <summary>Expressions in the text of a <c>rawxml</c> document, which stand there as they are or escaped.</summary>
public static class RawExpression
{
    /// <param name="start">Of the <c>@</c>.</param>
    /// <param name="end">Offset after the expression; -1 when it has no end.</param>
    /// <returns>The expression without entities that only XML wants, brackets included; null when it has no end.</returns>
    public static string? Read(string document, int start, out int end)
    {
        var before = document.AsSpan(0, start).TrimEnd();
        var delimiter = before.Length > 0 && before[^1] is '"' or '\'' ? before[^1] : '<';
        var rawEnd = ExpressionScanner.FindEnd(document, start);
        if (EscapedExpression.TryRead(document, start, delimiter, rawEnd, out end) is { } escaped)
        {
            return escaped.Value;
        }

        end = rawEnd;
        return rawEnd < 0 ? null : document[start..rawEnd];
    }
}
