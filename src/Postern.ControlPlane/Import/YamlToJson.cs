using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Postern.ControlPlane.Import;

/// <summary>YAML as JSON, by the JSON-compatible part of YAML 1.2: plain scalars become null, booleans and numbers where they look like it.</summary>
internal static partial class YamlToJson
{
    private const int Deepest = 100;

    /// <summary>Aliases are copied; without a limit a few lines could grow to gigabytes.</summary>
    private const int MostNodes = 4_000_000;

    /// <exception cref="FormatException">With line and column.</exception>
    public static JsonNode? Parse(string yaml)
    {
        try
        {
            var parser = new Parser(new StringReader(yaml));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                return null;
            }

            parser.Consume<DocumentStart>();
            var state = new State();
            return state.Read(parser, 0);
        }
        catch (YamlException error)
        {
            throw new FormatException($"Line {error.Start.Line}, column {error.Start.Column}: {error.InnerException?.Message ?? error.Message}", error);
        }
    }

    /// <summary>True when a plain scalar of this text is read as the same text, on one line.</summary>
    public static bool IsPlainText(string text) =>
        text != "<<" && !text.AsSpan().ContainsAny('\n', '\r') && Plain(text) is JsonValue value && value.TryGetValue<string>(out _);

    [GeneratedRegex("^(null|Null|NULL|~|)$", RegexOptions.CultureInvariant)]
    private static partial Regex Null();

    [GeneratedRegex("^(true|True|TRUE)$", RegexOptions.CultureInvariant)]
    private static partial Regex True();

    [GeneratedRegex("^(false|False|FALSE)$", RegexOptions.CultureInvariant)]
    private static partial Regex False();

    [GeneratedRegex(@"^[-+]?[0-9]{1,18}$", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?$", RegexOptions.CultureInvariant)]
    private static partial Regex Real();

    private static JsonNode? Plain(string text)
    {
        if (Null().IsMatch(text))
        {
            return null;
        }

        if (True().IsMatch(text))
        {
            return JsonValue.Create(true);
        }

        if (False().IsMatch(text))
        {
            return JsonValue.Create(false);
        }

        if (Integer().IsMatch(text))
        {
            return JsonValue.Create(long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        }

        return Real().IsMatch(text) && double.Parse(text, CultureInfo.InvariantCulture) is var number && double.IsFinite(number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text);
    }

    private sealed class State
    {
        private readonly Dictionary<string, (JsonNode? Node, int Size)> _anchors = new(StringComparer.Ordinal);
        private int _nodes;

        public JsonNode? Read(Parser parser, int depth)
        {
            if (depth > Deepest)
            {
                throw new FormatException($"Line {parser.Current?.Start.Line}: nested deeper than {Deepest} levels.");
            }

            Count(1, parser);
            var before = _nodes;
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                if (!_anchors.TryGetValue(alias.Value.Value, out var anchored))
                {
                    throw new FormatException($"Line {alias.Start.Line}: the anchor '{alias.Value.Value}' is not known here.");
                }

                Count(anchored.Size, parser);
                return anchored.Node?.DeepClone();
            }

            var start = (NodeEvent)parser.Current!;
            var anchor = start.Anchor;
            var node = start switch
            {
                MappingStart => ReadMapping(parser, depth),
                SequenceStart => ReadSequence(parser, depth),
                _ => ReadScalar(parser.Consume<Scalar>()),
            };
            if (!anchor.IsEmpty)
            {
                _anchors[anchor.Value] = (node?.DeepClone(), _nodes - before + 1);
            }

            return node;
        }

        private static JsonNode? ReadScalar(Scalar scalar) =>
            scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty ? Plain(scalar.Value) : JsonValue.Create(scalar.Value);

        private JsonObject ReadMapping(Parser parser, int depth)
        {
            parser.Consume<MappingStart>();
            var mapping = new JsonObject();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                if (!parser.TryConsume<Scalar>(out var key))
                {
                    throw new FormatException($"Line {parser.Current?.Start.Line}: a key must be a text.");
                }

                if (key.Value == "<<")
                {
                    foreach (var (name, value) in Read(parser, depth + 1) as JsonObject ?? [])
                    {
                        mapping.TryAdd(name, value?.DeepClone());
                    }
                }
                else
                {
                    mapping[key.Value] = Read(parser, depth + 1);
                }
            }

            return mapping;
        }

        private JsonArray ReadSequence(Parser parser, int depth)
        {
            parser.Consume<SequenceStart>();
            var sequence = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                sequence.Add(Read(parser, depth + 1));
            }

            return sequence;
        }

        private void Count(int nodes, Parser parser)
        {
            _nodes += nodes;
            if (_nodes > MostNodes)
            {
                throw new FormatException($"Line {parser.Current?.Start.Line}: the document has more than {MostNodes} nodes once its aliases are expanded.");
            }
        }
    }
}
