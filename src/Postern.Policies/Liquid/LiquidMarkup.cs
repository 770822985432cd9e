using System.Globalization;
using Postern.Policies.Reading;

namespace Postern.Policies.Liquid;

/// <summary>Reads what stands inside a tag or an output.</summary>
internal sealed class LiquidMarkup(string text)
{
    private const int MaxNesting = 50;

    private int _at;
    private int _depth;

    public bool AtEnd
    {
        get
        {
            SkipSpace();
            return _at >= text.Length;
        }
    }

    /// <summary>A value with filters, and nothing after it.</summary>
    public LiquidExpression ReadWhole()
    {
        var value = ReadExpression();
        return AtEnd ? value : throw new LiquidException($"Unexpected '{text[_at..]}' in '{text}'.");
    }

    public List<LiquidExpression> ReadList()
    {
        var values = new List<LiquidExpression> { ReadExpression() };
        while (!AtEnd)
        {
            if (text[_at] == ',')
            {
                _at++;
            }
            else if (ReadName() != "or")
            {
                throw new LiquidException($"Unexpected text in '{text}'.");
            }

            values.Add(ReadExpression());
        }

        return values;
    }

    public LiquidCondition ReadCondition(int depth = 0)
    {
        if (depth > 200)
        {
            throw new LiquidException("The condition is too long.");
        }

        var left = ReadExpression();
        var comparison = ReadComparison();
        var right = comparison is null ? null : ReadExpression();
        if (AtEnd)
        {
            return new(left, comparison, right, false, null);
        }

        return ReadName() switch
        {
            "and" => new(left, comparison, right, true, ReadCondition(depth + 1)),
            "or" => new(left, comparison, right, false, ReadCondition(depth + 1)),
            _ => throw new LiquidException($"Unexpected text in '{text}'."),
        };
    }

    public LiquidExpression ReadExpression()
    {
        var operand = ReadOperand();
        var filters = new List<(LiquidFilter, LiquidOperand[])>();
        while (!AtEnd && text[_at] == '|')
        {
            _at++;
            var name = ReadName();
            var filter = LiquidFilters.Find(name) ?? throw new LiquidException($"Unknown filter '{name}'.{NearestName.Suggest(name, LiquidFilters.Names)}");
            var arguments = new List<LiquidOperand>();
            if (!AtEnd && text[_at] == ':')
            {
                do
                {
                    _at++;
                    arguments.Add(ReadOperand());
                }
                while (!AtEnd && text[_at] == ',');
            }

            filters.Add((filter, [.. arguments]));
        }

        return new(operand, filters);
    }

    public string ReadName()
    {
        SkipSpace();
        var start = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '-' or '?'))
        {
            _at++;
        }

        return _at > start ? text[start.._at] : throw new LiquidException($"A name is missing in '{text}'.");
    }

    public void Expect(char c)
    {
        if (AtEnd || text[_at] != c)
        {
            throw new LiquidException($"'{c}' is missing in '{text}'.");
        }

        _at++;
    }

    private string? ReadComparison()
    {
        if (AtEnd)
        {
            return null;
        }

        foreach (var sign in (string[])["==", "!=", "<>", "<=", ">=", "<", ">"])
        {
            if (string.CompareOrdinal(text, _at, sign, 0, sign.Length) == 0)
            {
                _at += sign.Length;
                return sign;
            }
        }

        if (string.CompareOrdinal(text, _at, "contains ", 0, 9) == 0)
        {
            _at += 9;
            return "contains";
        }

        return null;
    }

    private LiquidOperand ReadOperand()
    {
        if (AtEnd)
        {
            throw new LiquidException($"A value is missing in '{text}'.");
        }

        if (_depth > MaxNesting)
        {
            throw new LiquidException("Brackets are nested too deeply.");
        }

        var c = text[_at];
        if (c is '"' or '\'')
        {
            var end = text.IndexOf(c, _at + 1);
            if (end < 0)
            {
                throw new LiquidException($"A quote is missing in '{text}'.");
            }

            var literal = text[(_at + 1)..end];
            _at = end + 1;
            return new LiquidLiteral(literal);
        }

        if (c == '(')
        {
            _at++;
            _depth++;
            var from = ReadOperand();
            Expect('.');
            Expect('.');
            var to = ReadOperand();
            Expect(')');
            _depth--;
            return new LiquidRange(from, to);
        }

        return char.IsDigit(c) || (c == '-' && _at + 1 < text.Length && char.IsDigit(text[_at + 1])) ? ReadNumber() : ReadPath();
    }

    private LiquidLiteral ReadNumber()
    {
        var start = _at++;
        while (_at < text.Length && (char.IsDigit(text[_at]) || (text[_at] == '.' && _at + 1 < text.Length && char.IsDigit(text[_at + 1]))))
        {
            _at++;
        }

        var number = text.AsSpan(start, _at - start);
        return new(long.TryParse(number, CultureInfo.InvariantCulture, out var whole) ? (object)whole
            : double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) ? fraction
            : throw new LiquidException($"'{number}' is not a number."));
    }

    private LiquidOperand ReadPath()
    {
        var root = ReadName();
        switch (root)
        {
            case "true":
                return new LiquidLiteral(true);
            case "false":
                return new LiquidLiteral(false);
            case "nil" or "null":
                return new LiquidLiteral(null);
            case "empty" or "blank":
                return new LiquidLiteral(LiquidValues.Empty);
        }

        var steps = new List<LiquidOperand>();
        while (_at < text.Length && text[_at] is ('.' or '[') && !(text[_at] == '.' && _at + 1 < text.Length && text[_at + 1] == '.'))
        {
            if (steps.Count > 100)
            {
                throw new LiquidException($"The path in '{text[..50]}…' is too long.");
            }

            if (text[_at++] == '.')
            {
                steps.Add(new LiquidLiteral(ReadName()));
            }
            else
            {
                _depth++;
                steps.Add(ReadOperand());
                Expect(']');
                _depth--;
            }
        }

        return new LiquidPath(root, steps);
    }

    private void SkipSpace()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }
}
