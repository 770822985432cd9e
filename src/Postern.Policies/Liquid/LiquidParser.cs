using Postern.Policies.Reading;

namespace Postern.Policies.Liquid;

/// <summary>From text to nodes: texts, outputs <c>{{ }}</c> and tags <c>{% %}</c>, with white space control.</summary>
internal sealed class LiquidParser
{
    private const int MaxNesting = 100;

    private static readonly string[] Tags =
        ["assign", "break", "capture", "case", "comment", "continue", "cycle", "decrement", "for", "if", "increment", "JSONArrayFor", "raw", "unless"];

    private readonly string _text;
    private int _at;
    private bool _trimNext;
    private int _cycles;

    private LiquidParser(string text) => _text = text;

    public static LiquidBlock Parse(string text)
    {
        var parser = new LiquidParser(text);
        var (block, end) = parser.ParseBlock([], 0);
        return end is null ? block : throw new LiquidException($"Tag '{end.Value.Name}' stands where nothing is open.");
    }

    /// <summary>Up to one of <paramref name="ends"/>, or to the end of the text when there are none.</summary>
    private (LiquidBlock Block, (string Name, string Markup)? End) ParseBlock(string[] ends, int depth)
    {
        if (depth > MaxNesting)
        {
            throw new LiquidException("Tags are nested too deeply.");
        }

        var nodes = new List<LiquidNode>();
        while (_at < _text.Length)
        {
            var open = FindOpen(_at);
            AddText(nodes, open < 0 ? _text.Length : open);
            if (open < 0)
            {
                break;
            }

            if (_text[open + 1] == '{')
            {
                nodes.Add(new LiquidOutput(new LiquidMarkup(ReadMarkup("}}")).ReadWhole()));
                continue;
            }

            var markup = ReadMarkup("%}");
            var cut = markup.IndexOfAny([' ', '\t', '\r', '\n']);
            var (name, rest) = cut < 0 ? (markup, "") : (markup[..cut], markup[cut..].Trim());
            if (ends.Contains(name, StringComparer.Ordinal))
            {
                return (new LiquidBlock(nodes), (name, rest));
            }

            if (name.StartsWith("end", StringComparison.Ordinal) || name is "else" or "elsif" or "when")
            {
                throw new LiquidException($"Tag '{name}' stands where nothing is open.");
            }

            if (ParseTag(name, rest, depth + 1) is { } node)
            {
                nodes.Add(node);
            }
        }

        return ends.Length == 0 ? (new LiquidBlock(nodes), null) : throw new LiquidException($"Tag '{ends[^1]}' is missing.");
    }

    private int FindOpen(int from)
    {
        for (var i = from; i + 1 < _text.Length; i++)
        {
            if (_text[i] == '{' && _text[i + 1] is ('{' or '%'))
            {
                return i;
            }
        }

        return -1;
    }

    private void AddText(List<LiquidNode> nodes, int end)
    {
        var text = _text[_at..end];
        text = _trimNext ? text.TrimStart() : text;
        _trimNext = false;
        if (end + 2 < _text.Length && _text[end + 2] == '-')
        {
            text = text.TrimEnd();
        }

        if (text.Length > 0)
        {
            nodes.Add(new LiquidText(text));
        }

        _at = end;
    }

    private string ReadMarkup(string close)
    {
        var start = _at + 2;
        if (start < _text.Length && _text[start] == '-')
        {
            start++;
        }

        var quote = '\0';
        for (var i = start; i + 1 < _text.Length; i++)
        {
            var c = _text[i];
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else if (c == close[0] && _text[i + 1] == close[1])
            {
                _trimNext = i > start && _text[i - 1] == '-';
                _at = i + 2;

                // In a template that is XML itself a comparison can only be written escaped.
                return _text[start..(_trimNext ? i - 1 : i)].Trim()
                    .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
            }
        }

        throw new LiquidException($"'{close}' is missing.");
    }

    private LiquidNode? ParseTag(string name, string markup, int depth)
    {
        switch (name)
        {
            case "assign":
                var equals = markup.IndexOf('=', StringComparison.Ordinal);
                return equals < 1
                    ? throw new LiquidException("assign needs a name and a value.")
                    : new LiquidAssign(markup[..equals].Trim(), new LiquidMarkup(markup[(equals + 1)..]).ReadWhole());
            case "capture":
                return new LiquidCapture(markup.Trim('\'', '"'), ParseBlock(["endcapture"], depth).Block);
            case "increment":
                return new LiquidCount(markup, 1);
            case "decrement":
                return new LiquidCount(markup, -1);
            case "break":
                return new LiquidJumpTag(LiquidJump.Break);
            case "continue":
                return new LiquidJumpTag(LiquidJump.Continue);
            case "comment":
                Skip("endcomment");
                return null;
            case "raw":
                return new LiquidText(Skip("endraw"));
            case "cycle":
                return new LiquidCycle($"(cycle) {_cycles++}", new LiquidMarkup(markup).ReadList());
            case "if":
                return ParseIf(markup, "endif", negate: false, depth);
            case "unless":
                return ParseIf(markup, "endunless", negate: true, depth);
            case "case":
                return ParseCase(markup, depth);
            case "for":
                return ParseFor(markup, "endfor", commas: false, depth);
            case "JSONArrayFor":
                return ParseFor(markup, "endJSONArrayFor", commas: true, depth);
            default:
                throw new LiquidException($"Unknown tag '{name}'.{NearestName.Suggest(name, Tags)}");
        }
    }

    /// <summary>Everything up to the end tag, to the letter.</summary>
    private string Skip(string end)
    {
        var start = _at;
        for (var open = _text.IndexOf("{%", _at, StringComparison.Ordinal); open >= 0; open = _text.IndexOf("{%", open + 2, StringComparison.Ordinal))
        {
            var close = _text.IndexOf("%}", open, StringComparison.Ordinal);
            if (close > 0 && _text[(open + 2)..close].Trim('-', ' ', '\t', '\r', '\n') == end)
            {
                _at = close + 2;
                return _text[start..open];
            }
        }

        throw new LiquidException($"Tag '{end}' is missing.");
    }

    private LiquidBranches ParseIf(string markup, string end, bool negate, int depth)
    {
        var branches = new List<(Func<LiquidScope, bool>, LiquidBlock)>();
        var first = new LiquidMarkup(markup).ReadCondition();
        Func<LiquidScope, bool> applies = negate ? scope => !first.Holds(scope) : first.Holds;
        while (true)
        {
            var (block, stop) = ParseBlock(["elsif", "else", end], depth);
            branches.Add((applies, block));
            if (stop!.Value.Name == end)
            {
                return new LiquidBranches(branches);
            }

            applies = stop.Value.Name == "else" ? static _ => true : new LiquidMarkup(stop.Value.Markup).ReadCondition().Holds;
        }
    }

    private LiquidBranches ParseCase(string markup, int depth)
    {
        var value = new LiquidMarkup(markup).ReadWhole();
        var branches = new List<(Func<LiquidScope, bool>, LiquidBlock)>();
        var (_, stop) = ParseBlock(["when", "else", "endcase"], depth);
        while (stop!.Value.Name != "endcase")
        {
            Func<LiquidScope, bool> applies = static _ => true;
            if (stop.Value.Name == "when")
            {
                var choices = new LiquidMarkup(stop.Value.Markup).ReadList();
                applies = scope => choices.Any(choice => LiquidValues.AreEqual(value.Evaluate(scope), choice.Evaluate(scope)));
            }

            (var block, stop) = ParseBlock(["when", "else", "endcase"], depth);
            branches.Add((applies, block));
        }

        return new LiquidBranches(branches);
    }

    private LiquidFor ParseFor(string markup, string end, bool commas, int depth)
    {
        var reader = new LiquidMarkup(markup);
        var name = reader.ReadName();
        if (reader.ReadName() != "in")
        {
            throw new LiquidException("for needs 'item in items'.");
        }

        var source = reader.ReadExpression();
        var reversed = false;
        LiquidExpression? limit = null;
        LiquidExpression? offset = null;
        while (!reader.AtEnd)
        {
            switch (reader.ReadName())
            {
                case "reversed":
                    reversed = true;
                    break;
                case "limit":
                    reader.Expect(':');
                    limit = reader.ReadExpression();
                    break;
                case "offset":
                    reader.Expect(':');
                    offset = reader.ReadExpression();
                    break;
                case var other:
                    throw new LiquidException($"for does not know '{other}'.");
            }
        }

        var (body, stop) = ParseBlock(["else", end], depth);
        var none = stop!.Value.Name == "else" ? ParseBlock([end], depth).Block : null;
        return new LiquidFor(name, source, limit, offset, reversed, commas, body, none);
    }
}
