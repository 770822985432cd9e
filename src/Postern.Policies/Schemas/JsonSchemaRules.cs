using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Postern.Policies.Schemas;

/// <summary>What is wrong with a document, and where: lines and positions count from 1.</summary>
internal sealed record SchemaFault(string Message, int Line, int Position)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Message} Line: {Line}, Position: {Position}");
}

/// <param name="AllowAdditionalProperties">Overrides the schema when not null.</param>
internal sealed record JsonSchemaOptions(bool? AllowAdditionalProperties, bool CaseInsensitiveNames);

/// <summary>
/// Checks JSON against a schema as OpenAPI and JSON Schema (draft 4 to 7) write it. References stay within the document, patterns have a
/// bounded time, recursion a bounded depth: the document comes from strangers. Keywords that are not known are passed over, as JSON Schema demands.
/// </summary>
internal sealed partial class JsonSchemaRules(JToken root, JsonSchemaOptions options)
{
    private const int Deepest = 128;

    /// <summary>Comparisons of a value with a schema; alternatives within alternatives could make them endless.</summary>
    private const int MostChecks = 200_000;

    private int _checks;

    private readonly StringComparison _names = options.CaseInsensitiveNames ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <returns>The part of the document that a local pointer names; null when there is none.</returns>
    public static JToken? Find(JToken root, string pointer)
    {
        var place = (JToken?)root;
        var path = pointer.TrimStart('#');

        // What stands before the first slash is nothing; a name after it may be empty.
        foreach (var part in path.Length == 0 ? [] : path.Split('/').Skip(path[0] == '/' ? 1 : 0))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            place = place switch
            {
                JObject members => members[name],
                JArray items when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < items.Count => items[index],
                _ => null,
            };
        }

        return place;
    }

    /// <returns>The first fault; null when there is none.</returns>
    public SchemaFault? Check(JToken value, JToken schema) => Check(value, schema, 0);

    private SchemaFault? Check(JToken value, JToken? schema, int depth)
    {
        while (true)
        {
            if (depth > Deepest || ++_checks > MostChecks)
            {
                return Fault(value, "The schema or the document is nested too deeply or too large.");
            }

            if (schema is JValue { Type: JTokenType.Boolean } always)
            {
                return (bool)always ? null : Fault(value, "Nothing is allowed here.");
            }

            if (schema is not JObject rules)
            {
                return null;
            }

            if (Text(rules["$ref"]) is not { } reference)
            {
                return CheckRules(value, rules, depth);
            }

            schema = reference.StartsWith('#') ? Find(root, reference) : null;
            if (schema is null)
            {
                return Fault(value, $"The schema's reference '{reference}' can't be resolved.");
            }
        }
    }

    private SchemaFault? CheckRules(JToken value, JObject rules, int depth)
    {
        if (value.Type == JTokenType.Null && Flag(rules["nullable"]))
        {
            return null;
        }

        return CheckType(value, rules["type"])
            ?? CheckValue(value, rules)
            ?? value switch
            {
                JObject members => CheckObject(members, rules, depth),
                JArray items => CheckArray(items, rules, depth),
                _ => null,
            }
            ?? CheckCombinations(value, rules, depth);
    }

    private static SchemaFault? CheckType(JToken value, JToken? type)
    {
        string[] allowed = type switch
        {
            JArray several => [.. several.Select(one => Text(one) ?? "")],
            JValue { Type: JTokenType.String } one => [(string)one!],
            _ => [],
        };
        return allowed.Length == 0 || Array.Exists(allowed, one => Is(value, one)) ? null : Fault(value, $"Expected {string.Join(" or ", allowed)}.");
    }

    private static bool Is(JToken value, string type) => type switch
    {
        "object" => value.Type == JTokenType.Object,
        "array" => value.Type == JTokenType.Array,
        "string" => value.Type == JTokenType.String,
        "boolean" => value.Type == JTokenType.Boolean,
        "null" => value.Type == JTokenType.Null,
        "number" => value.Type is JTokenType.Integer or JTokenType.Float,
        "integer" => value.Type == JTokenType.Integer || (value.Type == JTokenType.Float && Math.Floor((double)value) == (double)value),
        _ => true,
    };

    private static SchemaFault? CheckValue(JToken value, JObject rules)
    {
        if (rules["enum"] is JArray allowed && !allowed.Any(one => AreEqual(one, value)))
        {
            return Fault(value, "The value is not one of those allowed.");
        }

        if (rules.TryGetValue("const", out var only) && !AreEqual(only, value))
        {
            return Fault(value, "The value is not the one allowed.");
        }

        return value.Type switch
        {
            JTokenType.String => CheckText(value, (string)value!, rules),
            JTokenType.Integer or JTokenType.Float => CheckNumber(value, rules),
            _ => null,
        };
    }

    private static SchemaFault? CheckText(JToken value, string text, JObject rules)
    {
        // Characters as JSON counts them: code points.
        var length = text.EnumerateRunes().Count();
        if (length < Number(rules["minLength"]) || length > Number(rules["maxLength"]))
        {
            return Fault(value, "The text is too short or too long.");
        }

        if (Text(rules["pattern"]) is { } pattern)
        {
            if (Matches(text, pattern) is not true and var matches)
            {
                return Fault(value, $"The text {(matches is null ? "can't be matched with" : "does not match")} the pattern '{pattern}'.");
            }
        }

        return TextFormats.Fits(Text(rules["format"]), text) ? null : Fault(value, $"The text is not of the format '{Text(rules["format"])}'.");
    }

    private static SchemaFault? CheckNumber(JToken value, JObject rules)
    {
        var number = (double)value;
        var (minimum, maximum) = (Number(rules["minimum"]), Number(rules["maximum"]));
        var outside = number < minimum || number > maximum
            || number <= (Flag(rules["exclusiveMinimum"]) ? minimum : Number(rules["exclusiveMinimum"]))
            || number >= (Flag(rules["exclusiveMaximum"]) ? maximum : Number(rules["exclusiveMaximum"]));
        if (outside)
        {
            return Fault(value, "The number is out of range.");
        }

        if (Number(rules["multipleOf"]) is > 0 and var step && !IsMultiple(number, step))
        {
            return Fault(value, $"The number is not a multiple of {step.ToString(CultureInfo.InvariantCulture)}.");
        }

        return Text(rules["format"]) switch
        {
            "int32" when number is < int.MinValue or > int.MaxValue => Fault(value, "The number is not of the format 'int32'."),
            "int64" when number is < long.MinValue or > long.MaxValue => Fault(value, "The number is not of the format 'int64'."),
            _ => null,
        };
    }

    /// <summary>As the numbers are written, in tens, as far as 28 digits go: 19.99 is a multiple of 0.01, and 0.0000000001 is none of 1.</summary>
    private static bool IsMultiple(double number, double step)
    {
        const double Largest = 1e27;
        return Math.Abs(number) < Largest && step is > 1e-12 and < Largest
            ? (decimal)number % (decimal)step == 0
            : Math.IEEERemainder(number, step) == 0;
    }

    private SchemaFault? CheckObject(JObject members, JObject rules, int depth)
    {
        foreach (var required in rules["required"] as JArray ?? [])
        {
            if (Text(required) is { } name && !Has(members, name))
            {
                return Fault(members, $"Required property '{required}' is missing.");
            }
        }

        if (members.Count < Number(rules["minProperties"]) || members.Count > Number(rules["maxProperties"]))
        {
            return Fault(members, "There are too few or too many properties.");
        }

        if (CheckDependencies(members, rules, depth) is { } missing)
        {
            return missing;
        }

        foreach (var property in members.Properties())
        {
            if ((CheckName(property, rules, depth) ?? CheckProperty(property, rules, depth)) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private SchemaFault? CheckProperty(JProperty property, JObject rules, int depth)
    {
        var declared = (rules["properties"] as JObject)?.Properties().FirstOrDefault(one => one.Name.Equals(property.Name, _names));
        if (declared is not null && Check(property.Value, declared.Value, depth + 1) is { } wrong)
        {
            return wrong;
        }

        var fault = CheckPatterns(property, rules, depth, out var named);
        if (fault is not null || named || declared is not null)
        {
            return fault;
        }

        var additional = rules["additionalProperties"];
        return options.AllowAdditionalProperties switch
        {
            true => additional is JObject ? Check(property.Value, additional, depth + 1) : null,

            // A schema that names no properties says nothing about them: parts of allOf, or any object.
            false when rules["properties"] is JObject && additional is not JObject => Additional(property),
            _ when additional is JValue { Type: JTokenType.Boolean } flag && !(bool)flag => Additional(property),
            _ => additional is JObject ? Check(property.Value, additional, depth + 1) : null,
        };
    }

    private SchemaFault? CheckArray(JArray items, JObject rules, int depth)
    {
        if (items.Count < Number(rules["minItems"]) || items.Count > Number(rules["maxItems"]))
        {
            return Fault(items, "There are too few or too many items.");
        }

        if (Flag(rules["uniqueItems"]) && HasTwins(items))
        {
            return Fault(items, "The items are not unique.");
        }

        for (var i = 0; i < items.Count; i++)
        {
            var schema = rules["items"] is JArray places ? (i < places.Count ? places[i] : rules["additionalItems"]) : rules["items"];
            if (schema is not null && Check(items[i], schema, depth + 1) is { } fault)
            {
                return fault;
            }
        }

        return rules["contains"] is { } wanted && items.All(item => Check(item, wanted, depth + 1) is not null) ? Fault(items, "No item is as one must be.") : null;
    }

    private SchemaFault? CheckCombinations(JToken value, JObject rules, int depth)
    {
        foreach (var part in rules["allOf"] as JArray ?? [])
        {
            if (Check(value, part, depth + 1) is { } fault)
            {
                return fault;
            }
        }

        if (rules["anyOf"] is JArray any && any.All(part => Check(value, part, depth + 1) is not null))
        {
            return Fault(value, "The value fits none of the alternatives.");
        }

        if (rules["oneOf"] is JArray one && one.Count(part => Check(value, part, depth + 1) is null) != 1)
        {
            return Fault(value, "The value must fit exactly one of the alternatives.");
        }

        if (rules["if"] is { } condition && rules[Check(value, condition, depth + 1) is null ? "then" : "else"] is { } consequence
            && Check(value, consequence, depth + 1) is { } unmet)
        {
            return unmet;
        }

        return rules["not"] is (JObject or JValue { Type: JTokenType.Boolean }) and var not && Check(value, not, depth + 1) is null ? Fault(value, "The value is one that is not allowed.") : null;
    }

    private static SchemaFault Additional(JProperty property) => Fault(property, $"Property '{property.Name}' is not allowed.");

    private static SchemaFault Fault(JToken at, string message) =>
        at is IJsonLineInfo line && line.HasLineInfo() ? new(message, line.LineNumber, line.LinePosition) : new(message, 0, 0);
}
