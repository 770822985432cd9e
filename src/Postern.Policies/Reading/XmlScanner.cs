using System.Globalization;

namespace Postern.Policies.Reading;

/// <summary>
/// Reads a policy document into elements. A scanner of its own because the dialect needs it: unescaped expressions (rawxml),
/// exact places of every character after entities and named values, bodies kept as they were written, and no exception on any
/// input. No document types, no external entities, bounded depth.
/// </summary>
internal sealed class XmlScanner
{
    public const int MaxDepth = 64;

    private readonly SourceText _source;
    private readonly string _text;
    private readonly bool _raw;
    private readonly PolicyProblems _problems;
    private int _at;

    private XmlScanner(SourceText source, PolicyFormat format, PolicyProblems problems)
    {
        _source = source;
        _text = source.Text;
        _raw = format == PolicyFormat.RawXml;
        _problems = problems;
    }

    /// <param name="above">Levels of elements that the text stands in.</param>
    /// <returns>The root element, or null when the text is not well-formed; the problem is then in <paramref name="problems"/>.</returns>
    public static PolicyElement? Read(SourceText source, PolicyFormat format, PolicyProblems problems, int above = 0)
    {
        var scanner = new XmlScanner(source, format, problems);
        try
        {
            return scanner.ReadDocument(above);
        }
        catch (MalformedException problem)
        {
            problems.Add(source, problem.Offset, problem.Id, problem.Element, problem.Message);
            return null;
        }
    }

    private PolicyElement ReadDocument(int above)
    {
        if (_text.StartsWith('\uFEFF'))
        {
            _at = 1;
        }

        SkipMisc();
        if (_at >= _text.Length || _text[_at] != '<')
        {
            throw Malformed(_at, "", "The document has no root element.");
        }

        var root = ReadElement(above + 1);
        SkipMisc();
        if (_at < _text.Length)
        {
            throw Malformed(_at, root.Name, "There is text after the root element.");
        }

        return root;
    }

    /// <summary>White space, comments, processing instructions and the XML declaration.</summary>
    private void SkipMisc()
    {
        while (_at < _text.Length)
        {
            if (char.IsWhiteSpace(_text[_at]))
            {
                _at++;
            }
            else if (!SkipMarkup(""))
            {
                return;
            }
        }
    }

    private bool SkipMarkup(string element)
    {
        if (At("<!--"))
        {
            SkipTo("-->", 4, "The comment is not closed.", element);
            return true;
        }

        if (At("<?"))
        {
            SkipTo("?>", 2, "The processing instruction is not closed.", element);
            return true;
        }

        if (At("<!DOCTYPE"))
        {
            throw new MalformedException(_at, PolicyDiagnostics.DocumentType, element, "A document type definition is not allowed.");
        }

        return false;
    }

    private PolicyElement ReadElement(int depth)
    {
        var start = _at;
        if (depth > MaxDepth)
        {
            throw new MalformedException(start, PolicyDiagnostics.TooDeep, "", $"Elements are nested more than {MaxDepth} levels deep.");
        }

        _at++;
        var element = new PolicyElement(ReadName("", "an element name"), start, depth);
        ReadAttributes(element);
        if (At("/>"))
        {
            _at += 2;
            element.ContentStart = element.ContentEnd = element.End = _at;
            return element;
        }

        Expect('>', element.Name);
        element.ContentStart = _at;
        ReadContent(element, depth);
        element.ContentEnd = _at;
        _at += 2;
        var nameAt = _at;
        var closing = ReadName(element.Name, "the end tag's name");
        if (closing != element.Name)
        {
            throw Malformed(nameAt, element.Name, $"The end tag '{closing}' does not match the start tag '{element.Name}'.");
        }

        SkipSpace();
        Expect('>', element.Name);
        element.End = _at;
        return element;
    }

    private void ReadAttributes(PolicyElement element)
    {
        while (true)
        {
            var hadSpace = _at < _text.Length && char.IsWhiteSpace(_text[_at]);
            SkipSpace();
            if (_at >= _text.Length)
            {
                throw Malformed(_at, element.Name, "The tag is not closed.");
            }

            if (_text[_at] is '>' or '/')
            {
                return;
            }

            if (!hadSpace)
            {
                throw Malformed(_at, element.Name,
                    $"White space is missing before '{_text[_at]}'. A quote inside an expression is written &quot; unless the format is rawxml.");
            }

            var start = _at;
            var name = ReadName(element.Name, "an attribute name");
            SkipSpace();
            Expect('=', element.Name);
            SkipSpace();
            if (_at >= _text.Length || _text[_at] is not ('"' or '\''))
            {
                throw Malformed(_at, element.Name, $"The value of attribute '{name}' is not quoted.");
            }

            if (element.Find(name) is not null)
            {
                throw Malformed(start, element.Name, $"Attribute '{name}' occurs twice.");
            }

            element.Attributes.Add(new(name, start, ReadAttributeValue(element.Name)));
        }
    }

    private DecodedText ReadAttributeValue(string element)
    {
        var quote = _text[_at++];
        var value = new DecodedText();
        if (TryReadRawExpression(value, element))
        {
            SkipSpace();
            if (_at >= _text.Length || _text[_at] != quote)
            {
                throw new MalformedException(_at, PolicyDiagnostics.MixedExpression, element,
                    "An expression must be the whole value: there is text after its closing bracket.");
            }

            _at++;
            return value;
        }

        while (true)
        {
            if (_at >= _text.Length)
            {
                throw Malformed(_at, element, "The attribute value is not closed.");
            }

            var c = _text[_at];
            if (c == quote)
            {
                _at++;
                return value;
            }

            if (c == '<')
            {
                throw Malformed(_at, element, "'<' is not allowed in an attribute value; write &lt; or use format rawxml for expressions.");
            }

            ReadCharacter(value, element);
        }
    }

    private void ReadContent(PolicyElement element, int depth)
    {
        var text = new DecodedText();
        var sawData = TryReadRawExpression(text, element.Name);
        while (true)
        {
            if (_at >= _text.Length)
            {
                throw Malformed(_at, element.Name, $"Element '{element.Name}' is not closed.");
            }

            if (_text[_at] != '<')
            {
                ReadCharacter(text, element.Name);
            }
            else if (At("</"))
            {
                element.Text = sawData || !text.Value.AsSpan().IsWhiteSpace() ? text : null;
                return;
            }
            else if (At("<![CDATA["))
            {
                sawData = true;
                var start = _at + 9;
                SkipTo("]]>", 9, "The CDATA section is not closed.", element.Name);
                text.Append(_text.AsSpan(start, _at - 3 - start), start);
            }
            else if (!SkipMarkup(element.Name))
            {
                element.Children.Add(ReadElement(depth + 1));
            }
        }
    }

    /// <summary>In rawxml an expression at the start of a value is taken as it stands, up to its closing bracket.</summary>
    private bool TryReadRawExpression(DecodedText value, string element)
    {
        if (!_raw)
        {
            return false;
        }

        var start = _at;
        while (start < _text.Length && char.IsWhiteSpace(_text[start]))
        {
            start++;
        }

        if (!ExpressionScanner.StartsExpression(_text.AsSpan(Math.Min(start, _text.Length))))
        {
            return false;
        }

        var end = ExpressionScanner.FindEnd(_text, start);
        if (end < 0)
        {
            throw new MalformedException(start, PolicyDiagnostics.ExpressionDoesNotCompile, element, "The expression's closing bracket is missing.");
        }

        value.Append(_text.AsSpan(start, end - start), start);
        _at = end;
        return true;
    }

    private void ReadCharacter(DecodedText into, string element)
    {
        if (_text[_at] != '&')
        {
            var run = _at;
            while (run < _text.Length && _text[run] is not ('&' or '<' or '"' or '\''))
            {
                run++;
            }

            run = Math.Max(run, _at + 1);
            CheckCharacters(_at, run, element);
            into.Append(_text.AsSpan(_at, run - _at), _at);
            _at = run;
            return;
        }

        var end = _text.IndexOf(';', _at, Math.Min(12, _text.Length - _at));
        var entity = end < 0 ? "" : _text[(_at + 1)..end];
        var decoded = entity switch
        {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            _ when entity.StartsWith('#') => DecodeNumber(entity.AsSpan(1)),
            _ => null,
        };
        if (decoded is null)
        {
            throw Malformed(_at, element,
                "'&' does not begin a known entity; write &amp; or use format rawxml for expressions.");
        }

        into.AppendDecoded(decoded, _at, end + 1);
        _at = end + 1;
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

    private void CheckCharacters(int from, int to, string element)
    {
        for (var i = from; i < to; i++)
        {
            if (_text[i] < ' ' && _text[i] is not ('\t' or '\n' or '\r'))
            {
                throw Malformed(i, element, $"Character 0x{(int)_text[i]:X2} is not allowed in XML.");
            }
        }
    }

    private string ReadName(string element, string what)
    {
        var start = _at;
        while (_at < _text.Length && IsNameCharacter(_text[_at], _at == start))
        {
            _at++;
        }

        if (_at == start)
        {
            var found = start < _text.Length ? $"'{_text[start]}'" : "the end of the text";
            throw Malformed(start, element, $"Expected {what}, found {found}.");
        }

        return _text[start.._at];
    }

    private static bool IsNameCharacter(char c, bool first) =>
        char.IsLetter(c) || c is '_' or ':' || (!first && (char.IsDigit(c) || c is '-' or '.' or '\u00B7'));

    private void SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }

    private void SkipTo(string end, int from, string message, string element)
    {
        var found = _text.IndexOf(end, _at + from, StringComparison.Ordinal);
        _at = found < 0 ? throw Malformed(_at, element, message) : found + end.Length;
    }

    private void Expect(char c, string element)
    {
        if (_at >= _text.Length || _text[_at] != c)
        {
            var found = _at < _text.Length ? $"'{_text[_at]}'" : "the end of the text";
            throw Malformed(_at, element, $"Expected '{c}', found {found}.");
        }

        _at++;
    }

    private bool At(string expected) => string.CompareOrdinal(_text, _at, expected, 0, expected.Length) == 0;

    private static MalformedException Malformed(int offset, string element, string message) =>
        new(offset, PolicyDiagnostics.MalformedXml, element, message);

    /// <summary>Leaves the recursive descent; never leaves this class.</summary>
    private sealed class MalformedException(int offset, string id, string element, string message) : Exception(message)
    {
        public int Offset => offset;

        public string Id => id;

        public string Element => element;
    }
}
