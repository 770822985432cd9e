using System.Text;

namespace Postern.Authority.Graph;

/// <summary>
/// The part of OData's <c>$filter</c> that directory clients use: <c>p eq 'x'</c>, <c>p ne 'x'</c>, <c>startswith(p,'x')</c>,
/// <c>list/any(c:c eq 'x')</c>, joined by <c>and</c>, <c>or</c>, <c>not</c> and parentheses. Text is compared without case, as Graph does.
/// </summary>
/// <param name="properties">Values of each property that may be asked for; a list has several, an absent one none.</param>
internal sealed class GraphFilter<T>(IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> properties)
{
    private const int MaxLength = 4096;
    private const int MaxDepth = 32;

    /// <exception cref="GraphBodyException">The filter can't be understood; the message says where.</exception>
    public Func<T, bool> Parse(string? filter)
    {
        if (string.IsNullOrWhiteSpace(filter))
        {
            return _ => true;
        }

        if (filter.Length > MaxLength)
        {
            throw new GraphBodyException($"The filter is longer than {MaxLength} characters.");
        }

        var reader = new Reader(filter);
        var result = Or(reader, 0);
        return reader.AtEnd ? result : throw reader.Unexpected();
    }

    private Func<T, bool> Or(Reader reader, int depth)
    {
        var left = And(reader, depth);
        while (reader.TakeWord("or"))
        {
            var (first, second) = (left, And(reader, depth));
            left = item => first(item) || second(item);
        }

        return left;
    }

    private Func<T, bool> And(Reader reader, int depth)
    {
        var left = Not(reader, depth);
        while (reader.TakeWord("and"))
        {
            var (first, second) = (left, Not(reader, depth));
            left = item => first(item) && second(item);
        }

        return left;
    }

    private Func<T, bool> Not(Reader reader, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new GraphBodyException("The filter is nested too deeply.");
        }

        if (reader.TakeWord("not"))
        {
            var inner = Not(reader, depth + 1);
            return item => !inner(item);
        }

        if (reader.Take('('))
        {
            var inner = Or(reader, depth + 1);
            reader.Expect(')');
            return inner;
        }

        return Comparison(reader);
    }

    private Func<T, bool> Comparison(Reader reader)
    {
        var name = reader.Word();
        if (string.Equals(name, "startswith", StringComparison.OrdinalIgnoreCase))
        {
            reader.Expect('(');
            var property = Property(reader.Word());
            reader.Expect(',');
            var prefix = reader.Literal();
            reader.Expect(')');
            return item => property(item).Any(value => value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
        }

        var values = Property(name);
        if (reader.Take('/'))
        {
            reader.ExpectWord("any");
            reader.Expect('(');
            var variable = reader.Word();
            reader.Expect(':');
            reader.ExpectWord(variable);
            var equals = Operator(reader);
            reader.Expect(')');
            return item => values(item).Any(equals);
        }

        var test = Operator(reader);
        return item => values(item).DefaultIfEmpty("").Any(test);
    }

    private static Func<string, bool> Operator(Reader reader)
    {
        var wanted = reader.TakeWord("eq") || (reader.TakeWord("ne") ? false : throw reader.Unexpected());
        var literal = reader.Literal();
        return value => string.Equals(value, literal, StringComparison.OrdinalIgnoreCase) == wanted;
    }

    private Func<T, IEnumerable<string>> Property(string name) => properties.TryGetValue(name, out var values)
        ? values
        : throw new GraphBodyException($"Filtering by '{name}' is not offered; offered are {string.Join(", ", properties.Keys)}.");

    private sealed class Reader(string text)
    {
        private int _at;

        public bool AtEnd => Skip() == text.Length;

        public bool Take(char letter)
        {
            if (Skip() < text.Length && text[_at] == letter)
            {
                _at++;
                return true;
            }

            return false;
        }

        public void Expect(char letter)
        {
            if (!Take(letter))
            {
                throw Unexpected();
            }
        }

        public bool TakeWord(string word)
        {
            var before = Skip();
            if (_at < text.Length && char.IsLetter(text[_at]) && Word() == word)
            {
                return true;
            }

            _at = before;
            return false;
        }

        public void ExpectWord(string word)
        {
            if (!TakeWord(word))
            {
                throw Unexpected();
            }
        }

        public string Word()
        {
            var start = Skip();
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
            {
                _at++;
            }

            return _at > start ? text[start.._at] : throw Unexpected();
        }

        /// <summary>A text in quotes, in which a quote is doubled, or <c>true</c>, <c>false</c>, <c>null</c> (which equals an absent value).</summary>
        public string Literal()
        {
            if (!Take('\''))
            {
                return Word() switch { "null" => "", "true" => "true", "false" => "false", _ => throw Unexpected() };
            }

            var literal = new StringBuilder();
            while (_at < text.Length)
            {
                var letter = text[_at++];
                if (letter != '\'')
                {
                    literal.Append(letter);
                }
                else if (_at < text.Length && text[_at] == '\'')
                {
                    literal.Append('\'');
                    _at++;
                }
                else
                {
                    return literal.ToString();
                }
            }

            throw Unexpected();
        }

        public GraphBodyException Unexpected() => new($"Invalid filter clause: syntax error at position {_at}.");

        private int Skip()
        {
            while (_at < text.Length && text[_at] == ' ')
            {
                _at++;
            }

            return _at;
        }
    }
}
