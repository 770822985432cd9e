using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Postern.Policies.Schemas;

/// <summary>
/// Makes a document that fits a schema as OpenAPI and JSON Schema write it, always the same one: what the schema gives as example, default or
/// first allowed value, else a plain value of the type. References stay within the document; depth and size are bounded.
/// </summary>
internal sealed class JsonSample
{
    private const int Deepest = 16;

    private const int MostValues = 10_000;

    private readonly JToken _root;

    private int _values;

    private JsonSample(JToken root) => _root = root;

    /// <param name="pointer">Where in the document; null for the document itself.</param>
    /// <returns>Null when there is no such schema, or it demands nothing that can be made.</returns>
    public static string? Of(string document, string? pointer)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(document)) { DateParseHandling = DateParseHandling.None, MaxDepth = 100 };
            var root = JToken.ReadFrom(reader);
            return new JsonSample(root).Of(pointer is null ? root : JsonSchemaRules.Find(root, pointer), 0)?.ToString(Formatting.None);
        }
        catch (JsonException)
        {
            // What checks messages with the schema tells that it can't be read.
            return null;
        }
    }

    private JToken? Of(JToken? schema, int depth)
    {
        if (schema is not JObject rules || depth > Deepest || ++_values > MostValues)
        {
            return null;
        }

        if (JsonSchemaRules.Text(rules["$ref"]) is { } reference)
        {
            return reference.StartsWith('#') ? Of(JsonSchemaRules.Find(_root, reference), depth + 1) : null;
        }

        return Given(rules) ?? (rules["allOf"] is JArray all ? Together(rules, all, depth) : null)
            ?? Of((rules["oneOf"] ?? rules["anyOf"])?.FirstOrDefault(), depth + 1)
            ?? OfType(rules, depth);
    }

    private static JToken? Given(JObject rules) =>
        (rules["example"] ?? (rules["examples"] as JArray)?.FirstOrDefault() ?? rules["default"] ?? rules["const"] ?? (rules["enum"] as JArray)?.FirstOrDefault())?.DeepClone();

    private JToken? Together(JObject rules, JArray all, int depth)
    {
        var merged = new JObject();
        foreach (var part in all.Append(OwnRules(rules)))
        {
            switch (Of(part, depth + 1))
            {
                case JObject members:
                    merged.Merge(members);
                    break;
                case { } other when all.Count == 1:
                    return other;
            }
        }

        return merged.HasValues ? merged : null;
    }

    private static JObject OwnRules(JObject rules) => new(rules.Properties().Where(rule => rule.Name != "allOf"));

    private JToken? OfType(JObject rules, int depth) => TypeOf(rules) switch
    {
        "object" => Object(rules, depth),
        "array" => Array(rules, depth),
        "string" => Text(rules),
        "integer" => (long)Math.Ceiling(Least(rules)),
        "number" => Least(rules),
        "boolean" => true,
        "null" => JValue.CreateNull(),
        _ => null,
    };

    private static string? TypeOf(JObject rules) => rules["type"] switch
    {
        JArray several => (string?)several.FirstOrDefault(type => (string?)type != "null"),
        JValue { Type: JTokenType.String } one => (string?)one,
        _ => rules["properties"] is not null ? "object" : rules["items"] is not null ? "array" : null,
    };

    private JObject Object(JObject rules, int depth)
    {
        var members = new JObject();
        foreach (var property in (rules["properties"] as JObject)?.Properties() ?? [])
        {
            if (property.Value["writeOnly"]?.Type != JTokenType.Boolean && Of(property.Value, depth + 1) is { } value)
            {
                members[property.Name] = value;
            }
        }

        return members;
    }

    private JArray Array(JObject rules, int depth) => Of(rules["items"], depth + 1) is { } item ? new JArray(item) : [];

    private static string Text(JObject rules)
    {
        var text = JsonSchemaRules.Text(rules["format"]) switch
        {
            "date-time" => "2000-01-31T12:00:00Z",
            "date" => "2000-01-31",
            "time" => "12:00:00Z",
            "uuid" => "00000000-0000-0000-0000-000000000000",
            "email" => "user@example.com",
            "uri" or "url" => "https://example.com/",
            "hostname" => "example.com",
            "ipv4" => "192.0.2.1",
            "ipv6" => "2001:db8::1",
            "byte" => "c3RyaW5n",
            _ => "string",
        };
        var shortest = Math.Min(Number(rules["minLength"]) ?? 0, 1000);
        var longest = Number(rules["maxLength"]) ?? double.PositiveInfinity;
        return text.Length < shortest ? text.PadRight((int)shortest, 'x') : text.Length > longest ? text[..(int)Math.Max(longest, 0)] : text;
    }

    /// <summary>Zero when it fits, else the bound next to it.</summary>
    private static double Least(JObject rules)
    {
        var minimum = Number(rules["minimum"]) ?? double.NegativeInfinity;
        var maximum = Number(rules["maximum"]) ?? double.PositiveInfinity;
        return Math.Max(Math.Min(0, maximum), minimum);
    }

    private static double? Number(JToken? token) => token is { Type: JTokenType.Integer or JTokenType.Float } ? token.Value<double>() : null;
}
