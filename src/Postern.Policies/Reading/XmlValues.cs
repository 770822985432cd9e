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

    /// <summary>Takes an expression up to its closing bracket, if one begins here.</summary>
    public bool TryReadRawExpression(DecodedText value, string element)
    {
        if (!raw)
        {
            return false;
        }

        var text = cursor.Text;
        var start = cursor.At;
        while (start < text.Length && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        if (!ExpressionScanner.StartsExpression(text.AsSpan(start)))
        {
            return false;
        }

        var end = ExpressionScanner.FindEnd(text, start);
        if (end < 0)
        {
            throw new MalformedXmlException(start, PolicyDiagnostics.ExpressionDoesNotCompile, element, "The expression's closing bracket is missing.");
        }

        value.Append(text.AsSpan(start, end - start), start);
        cursor.At = end;
        return true;
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
        var value = new DecodedText();
        if (TryReadRawExpression(value, element))
        {
            cursor.SkipSpace();
            if (!cursor.IsAt(quote))
            {
                throw new MalformedXmlException(cursor.At, PolicyDiagnostics.MixedExpression, element,
                    "An expression must be the whole value: there is text after its closing bracket.");
            }

            cursor.At++;
            return value;
        }

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
                throw new MalformedXmlException(cursor.At, element, "'<' is not allowed in an attribute value; write &lt; or use format rawxml for expressions.");
            }

            XmlCharacters.Read(cursor, value, element);
        }
    }
}
