namespace Postern.Policies.Reading;

/// <summary>Attribute values, and expressions that stand in the XML as they are.</summary>
/// <param name="raw">In rawxml an expression at the start of a value is taken as it stands.</param>
internal sealed class XmlValues(XmlCursor cursor, bool raw)
{
    /// <summary>All attributes up to the end of the tag.</summary>
    public void ReadAttributes(PolicyElement element)
    {
        while (true)
        {
            var hadSpace = cursor.IsAtSpace;
            cursor.SkipSpace();
            if (cursor.AtEnd)
            {
                throw new MalformedXmlException(cursor.At, element.Name, "The tag is not closed.");
            }

            if (cursor.Next is '>' or '/')
            {
                return;
            }

            if (!hadSpace)
            {
                throw new MalformedXmlException(cursor.At, element.Name,
                    $"White space is missing before '{cursor.Next}'. A quote inside an expression is written &quot; unless the format is rawxml.");
            }

            ReadAttribute(element);
        }
    }

    /// <summary>An expression up to its closing bracket, if one begins here; null otherwise.</summary>
    /// <param name="delimiter">What ends the value.</param>
    public DecodedText? TryReadRawExpression(string element, char delimiter)
    {
        if (!raw)
        {
            return null;
        }

        var text = cursor.Text;
        var start = cursor.At;
        while (start < text.Length && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        if (!ExpressionScanner.StartsExpression(text.AsSpan(start)))
        {
            return null;
        }

        var rawEnd = ExpressionScanner.FindEnd(text, start);
        if (EscapedExpression.TryRead(text, start, delimiter, rawEnd, out var end) is { } escaped)
        {
            cursor.At = end;
            return escaped;
        }

        if (rawEnd < 0)
        {
            throw new MalformedXmlException(start, PolicyDiagnostics.ExpressionDoesNotCompile, element, "The expression's closing bracket is missing.");
        }

        var value = new DecodedText();
        value.Append(text.AsSpan(start, rawEnd - start), start);
        cursor.At = rawEnd;
        return value;
    }

    private void ReadAttribute(PolicyElement element)
    {
        var start = cursor.At;
        var name = cursor.ReadName(element.Name, "an attribute name");
        cursor.SkipSpace();
        cursor.Expect('=', element.Name);
        cursor.SkipSpace();
        if (!cursor.IsAt('"') && !cursor.IsAt('\''))
        {
            throw new MalformedXmlException(cursor.At, element.Name, $"The value of attribute '{name}' is not quoted.");
        }

        if (element.Find(name) is not null)
        {
            throw new MalformedXmlException(start, element.Name, $"Attribute '{name}' occurs twice.");
        }

        element.Attributes.Add(new(name, start, ReadAttributeValue(element.Name)));
    }

    private DecodedText ReadAttributeValue(string element)
    {
        var quote = cursor.Next;
        cursor.At++;
        if (TryReadRawExpression(element, quote) is { } expression)
        {
            cursor.SkipSpace();
            if (!cursor.IsAt(quote))
            {
                throw new MalformedXmlException(cursor.At, PolicyDiagnostics.MixedExpression, element,
                    "An expression must be the whole value: there is text after its closing bracket.");
            }

            cursor.At++;
            return expression;
        }

        var value = new DecodedText();
        while (true)
        {
            if (cursor.AtEnd)
            {
                throw new MalformedXmlException(cursor.At, element, "The attribute value is not closed.");
            }

            if (cursor.IsAt(quote))
            {
                cursor.At++;
                return value;
            }

            if (cursor.IsAt('<'))
            {
                throw new MalformedXmlException(cursor.At, element,
                    "'<' is not allowed in an attribute value; write &lt;. Only expressions may hold it as it is, and those in format rawxml alone.");
            }

            XmlCharacters.Read(cursor, value, element);
        }
    }
}
