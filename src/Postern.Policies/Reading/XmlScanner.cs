namespace Postern.Policies.Reading;

/// <summary>
/// Reads a policy document into elements. A scanner of its own because the dialect needs it: unescaped expressions (rawxml),
/// exact places of every character after entities and named values, bodies kept as they were written, and no exception on any
/// input. No document types, no external entities, bounded depth.
/// </summary>
internal sealed class XmlScanner
{
    public const int MaxDepth = 64;

    private readonly XmlCursor _cursor;
    private readonly XmlValues _values;

    /// <summary>The innermost element that is not closed yet.</summary>
    private PolicyElement? _open;

    private XmlScanner(string text, PolicyFormat format)
    {
        _cursor = new(text);
        _values = new(_cursor, format == PolicyFormat.RawXml);
    }

    /// <param name="above">Levels of elements that the text stands in.</param>
    /// <returns>The root element, or null when the text is not well-formed; the problem is then in <paramref name="problems"/>.</returns>
    public static PolicyElement? Read(SourceText source, PolicyFormat format, PolicyProblems problems, int above = 0)
    {
        var scanner = new XmlScanner(source.Text, format);
        try
        {
            return scanner.ReadDocument(above);
        }
        catch (MalformedXmlException problem)
        {
            problems.Add(source, problem.Offset, problem.Id, problem.Element, problem.Message, scanner._open);
            return null;
        }
    }

    private PolicyElement ReadDocument(int above)
    {
        if (_cursor.IsAt('\uFEFF'))
        {
            _cursor.At = 1;
        }

        SkipMisc();
        if (!_cursor.IsAt('<'))
        {
            throw new MalformedXmlException(_cursor.At, "", "The document has no root element.");
        }

        var root = ReadElement(above + 1);
        SkipMisc();
        return _cursor.AtEnd ? root : throw new MalformedXmlException(_cursor.At, root.Name, "There is text after the root element.");
    }

    /// <summary>White space, comments, processing instructions and the XML declaration.</summary>
    private void SkipMisc()
    {
        do
        {
            _cursor.SkipSpace();
        }
        while (SkipMarkup(""));
    }

    private bool SkipMarkup(string element)
    {
        if (_cursor.IsAt("<!--"))
        {
            _cursor.SkipTo("-->", 4, "The comment is not closed.", element);
            return true;
        }

        if (_cursor.IsAt("<?"))
        {
            _cursor.SkipTo("?>", 2, "The processing instruction is not closed.", element);
            return true;
        }

        return _cursor.IsAt("<!DOCTYPE")
            ? throw new MalformedXmlException(_cursor.At, PolicyDiagnostics.DocumentType, element, "A document type definition is not allowed.")
            : false;
    }

    private PolicyElement ReadElement(int depth)
    {
        var start = _cursor.At;
        if (depth > MaxDepth)
        {
            throw new MalformedXmlException(start, PolicyDiagnostics.TooDeep, "", $"Elements are nested more than {MaxDepth} levels deep.");
        }

        _cursor.At++;
        var element = new PolicyElement(_cursor.ReadName("", "an element name"), start, depth, _open);
        _open = element;
        _values.ReadAttributes(element);
        if (_cursor.IsAt("/>"))
        {
            _cursor.At += 2;
            element.ContentStart = element.ContentEnd = _cursor.At;
        }
        else
        {
            _cursor.Expect('>', element.Name);
            element.ContentStart = _cursor.At;
            ReadContent(element, depth);
            element.ContentEnd = _cursor.At;
            ReadEndTag(element);
        }

        element.End = _cursor.At;
        _open = element.Parent;
        return element;
    }

    private void ReadEndTag(PolicyElement element)
    {
        _cursor.At += 2;
        var nameAt = _cursor.At;
        var closing = _cursor.ReadName(element.Name, "the end tag's name");
        if (closing != element.Name)
        {
            throw new MalformedXmlException(nameAt, element.Name, $"The end tag '{closing}' does not match the start tag '{element.Name}'.");
        }

        _cursor.SkipSpace();
        _cursor.Expect('>', element.Name);
    }

    private void ReadContent(PolicyElement element, int depth)
    {
        var expression = _values.TryReadRawExpression(element.Name, '<');
        var text = expression ?? new DecodedText();
        var sawData = expression is not null;
        while (true)
        {
            if (_cursor.AtEnd)
            {
                throw new MalformedXmlException(_cursor.At, element.Name, $"Element '{element.Name}' is not closed.");
            }

            if (!_cursor.IsAt('<'))
            {
                XmlCharacters.Read(_cursor, text, element.Name);
            }
            else if (_cursor.IsAt("</"))
            {
                element.Text = sawData || !text.Value.AsSpan().IsWhiteSpace() ? text : null;
                return;
            }
            else if (_cursor.IsAt("<![CDATA["))
            {
                sawData = true;
                var start = _cursor.At + 9;
                _cursor.SkipTo("]]>", 9, "The CDATA section is not closed.", element.Name);
                text.Append(_cursor.Text.AsSpan(start, _cursor.At - 3 - start), start);
            }
            else if (!SkipMarkup(element.Name))
            {
                element.Children.Add(ReadElement(depth + 1));
            }
        }
    }
}
