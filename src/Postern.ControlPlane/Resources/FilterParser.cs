using System.Globalization;

namespace Postern.ControlPlane.Resources;

/// <summary>Recursive descent over the filter grammar. Throws <see cref="FormatException"/> with a message for the caller.</summary>
internal ref struct FilterParser(string text)
{
    private const int MostCharacters = 4096;
    private const int Deepest = 64;

    private int _at;
    private int _depth;

    public FilterExpression Parse()
    {
        if (text.Length > MostCharacters)
        {
            throw new FormatException($"it is longer than {MostCharacters} characters.");
        }

        var expression = Or();
        SkipSpace();
        return _at == text.Length ? expression : throw Unexpected();
    }

    private FilterExpression Or()
    {
        if (++_depth > Deepest)
        {
            throw new FormatException($"it is nested deeper than {Deepest} levels.");
        }

        var left = And();
        while (TakeWord("or"))
        {
            left = new FilterExpression.Either(left, And());
        }

        _depth--;
        return left;
    }

    private FilterExpression And()
    {
        var left = Term();
        while (TakeWord("and"))
        {
            left = new FilterExpression.Both(left, Term());
        }

        return left;
    }

    private FilterExpression Term()
    {
        if (TakeWord("not"))
        {
            if (++_depth > Deepest)
            {
                throw new FormatException($"it is nested deeper than {Deepest} levels.");
            }

            var inner = Term();
            _depth--;
            return new FilterExpression.Not(inner);
        }

        FilterExpression left;
        if (Take('('))
        {
            left = Or();
            Expect(')');
        }
        else
        {
            left = Operand();
        }

        foreach (var name in (ReadOnlySpan<string>)["eq", "ne", "gt", "ge", "lt", "le"])
        {
            if (TakeWord(name))
            {
                return new FilterExpression.Comparison(name, left, Operand());
            }
        }

        return left;
    }

    private FilterExpression Operand()
    {
        SkipSpace();
        if (_at == text.Length)
        {
            throw Unexpected();
        }

        var next = text[_at];
        if (next == '\'')
        {
            return new FilterExpression.Constant(Literal());
        }

        return char.IsAsciiDigit(next) || next == '-' ? Number() : NameOrCall();
    }

    private FilterExpression NameOrCall()
    {
        var first = Word();
        switch (first.ToLowerInvariant())
        {
            case "true":
                return new FilterExpression.Constant(true);
            case "false":
                return new FilterExpression.Constant(false);
            case "null":
                return new FilterExpression.Constant(null);
            case "substringof" or "contains" or "startswith" or "endswith" when Take('('):
                return Function(first.ToLowerInvariant());
        }

        List<string> path = [first];
        while (Take('/') || Take('.'))
        {
            var step = Word();
            if (step is "any" or "all" && Take('('))
            {
                return Lambda(step == "all", path);
            }

            path.Add(step);
        }

        return new FilterExpression.Field(path);
    }

    private FilterExpression Function(string name)
    {
        var first = Operand();
        Expect(',');
        var second = Operand();
        Expect(')');
        return name == "substringof" ? new FilterExpression.TextFunction("contains", second, first) : new FilterExpression.TextFunction(name, first, second);
    }

    private FilterExpression Lambda(bool all, List<string> path)
    {
        var variable = Word();
        Expect(':');
        var inner = Or();
        Expect(')');
        return new FilterExpression.Quantifier(all, path, variable, inner);
    }

    private string Literal()
    {
        var value = new System.Text.StringBuilder();
        for (_at++; _at < text.Length; _at++)
        {
            if (text[_at] != '\'')
            {
                value.Append(text[_at]);
            }
            else if (_at + 1 < text.Length && text[_at + 1] == '\'')
            {
                value.Append('\'');
                _at++;
            }
            else
            {
                _at++;
                return value.ToString();
            }
        }

        throw new FormatException("a text literal is not closed.");
    }

    private FilterExpression Number()
    {
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '-' or '+' or '.' or ':'))
        {
            _at++;
        }

        var word = text[start.._at];
        return double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new FilterExpression.Constant(number)
            : MemberRules.TryTime(word, out _) || Guid.TryParse(word, out _) ? new FilterExpression.Constant(word)
            : throw new FormatException($"'{word}' at position {start + 1} is neither a number nor a time.");
    }

    private string Word()
    {
        SkipSpace();
        var start = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '-' or '$' or '@'))
        {
            _at++;
        }

        return _at > start ? text[start.._at] : throw Unexpected();
    }

    private bool TakeWord(string word)
    {
        SkipSpace();
        var end = _at + word.Length;
        if (end > text.Length || !text.AsSpan(_at, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase)
            || (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '_' or '/' or '.')))
        {
            return false;
        }

        _at = end;
        return true;
    }

    private bool Take(char expected)
    {
        SkipSpace();
        if (_at < text.Length && text[_at] == expected)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void Expect(char expected)
    {
        if (!Take(expected))
        {
            throw new FormatException($"'{expected}' was expected at position {_at + 1}.");
        }
    }

    private void SkipSpace()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }

    private readonly FormatException Unexpected() => new(
        _at < text.Length ? $"'{text[_at]}' is not expected at position {_at + 1}." : "it ends too early.");
}
