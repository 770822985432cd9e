namespace Postern.Gateway.Routing;

internal enum SegmentKind : byte
{
    Literal,

    /// <summary>Text around one or more parameters: <c>{name}.json</c>, <c>item({id})</c>.</summary>
    Mixed,

    /// <summary>The whole segment is one parameter.</summary>
    Parameter,

    /// <summary><c>*</c> or <c>{*rest}</c>: all that is left, nothing included.</summary>
    Rest,
}

/// <param name="Literals">For <see cref="SegmentKind.Mixed"/>: the texts before, between and after the parameters (one more than parameters).</param>
/// <param name="Captures">Parameters that the segment fills.</param>
internal sealed record TemplateSegment(SegmentKind Kind, string Text, IReadOnlyList<string> Literals, int Captures)
{
    public static TemplateSegment Parse(string text, bool last, List<string> parameters)
    {
        if (text == "*" && last)
        {
            return new(SegmentKind.Rest, text, [], 0);
        }

        var literals = new List<string>();
        var captures = 0;
        var position = 0;
        while (position <= text.Length)
        {
            var open = text.IndexOf('{', position);
            if (open < 0)
            {
                literals.Add(text[position..]);
                break;
            }

            var close = text.IndexOf('}', open);
            if (close < 0)
            {
                throw new FormatException($"The template segment '{text}' has an open brace that is not closed.");
            }

            literals.Add(text[position..open]);
            var name = text[(open + 1)..close];
            if (last && name.StartsWith('*') && open == 0 && close == text.Length - 1)
            {
                parameters.Add(name[1..]);
                return new(SegmentKind.Rest, text, [], 1);
            }

            parameters.Add(name);
            captures++;
            position = close + 1;
        }

        return captures == 0 ? new(SegmentKind.Literal, text, [], 0)
            : captures == 1 && literals is ["", ""] ? new(SegmentKind.Parameter, text, [], 1)
            : new(SegmentKind.Mixed, text, literals, captures);
    }

    /// <summary>Matches a mixed segment; each parameter takes as little as it can, and at least one character.</summary>
    public bool TryMatchMixed(ReadOnlySpan<char> segment, int offset, RouteParameters captured)
    {
        if (!segment.StartsWith(Literals[0], StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var position = Literals[0].Length;
        for (var i = 1; i <= Captures; i++)
        {
            var literal = Literals[i];
            var rest = segment[position..];
            int length;
            if (i == Captures)
            {
                length = rest.Length - literal.Length;
                if (length < 1 || !rest.EndsWith(literal, StringComparison.OrdinalIgnoreCase))
                {
                    return false;
                }
            }
            else
            {
                if (rest.Length < 2)
                {
                    return false;
                }

                length = literal.Length == 0 ? 1 : rest[1..].IndexOf(literal, StringComparison.OrdinalIgnoreCase) + 1;
                if (length < 1)
                {
                    return false;
                }
            }

            captured.Capture(offset + position, length);
            position += length + literal.Length;
        }

        return true;
    }
}
