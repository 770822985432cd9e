using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>What the schemas of an API say about parameters that refer to them. A schema is read when the first parameter asks for it.</summary>
/// <param name="rows">The API's schemas.</param>
internal sealed class ParameterLimits(IReadOnlyList<ResourceRow> rows)
{
    private readonly Dictionary<string, JsonObject?> _definitions = new(StringComparer.OrdinalIgnoreCase);

    /// <returns>Null when the parameter refers to none, or to one that limits nothing.</returns>
    public ValueLimitsSnapshot? Of(JsonObject parameter)
    {
        if (parameter.Text("schemaId") is not { Length: > 0 } id || parameter.Text("typeName") is not { Length: > 0 } type
            || Definitions(id)?[type] is not JsonObject schema)
        {
            return null;
        }

        var limits = new ValueLimitsSnapshot(
            Bound(schema, "minimum", "exclusiveMinimum", Math.BitIncrement, Math.Max), Bound(schema, "maximum", "exclusiveMaximum", Math.BitDecrement, Math.Min),
            Length(schema["minLength"]), Length(schema["maxLength"]), schema.Text("pattern"));
        return limits == new ValueLimitsSnapshot(null, null, null, null, null) ? null : limits;
    }

    private JsonObject? Definitions(string id)
    {
        if (!_definitions.TryGetValue(id, out var known))
        {
            var document = rows.FirstOrDefault(row => row.Name.Equals(id, StringComparison.OrdinalIgnoreCase)) is { } row
                ? ArmJson.ParseObject(row.Body).Properties()["document"] as JsonObject
                : null;
            _definitions[id] = known = ((document?["components"] as JsonObject)?["schemas"] ?? document?["definitions"]) as JsonObject;
        }

        return known;
    }

    /// <summary>OpenAPI to 3.0 says with a flag that a bound is exclusive, later ones with a bound of its own.</summary>
    private static double? Bound(JsonObject schema, string name, string exclusive, Func<double, double> next, Func<double, double, double> narrower)
    {
        var bound = Number(schema[name]);
        if (Number(schema[exclusive]) is { } other)
        {
            return bound is { } both ? narrower(both, next(other)) : next(other);
        }

        return bound is { } value && schema.Flag(exclusive) == true ? next(value) : bound;
    }

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) && double.IsFinite(number) ? number : null;

    private static int? Length(JsonNode? node) => Number(node) is >= 0 and <= int.MaxValue and var number ? (int)number : null;
}
