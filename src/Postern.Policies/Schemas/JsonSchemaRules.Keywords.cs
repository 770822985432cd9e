using Newtonsoft.Json.Linq;

namespace Postern.Policies.Schemas;

/// <summary>What keywords say. One with a value of another kind than it takes says nothing: schemas of older drafts have such.</summary>
internal sealed partial class JsonSchemaRules
{
    public static string? Text(JToken? value) => (value as JValue)?.Value as string;

    private static bool Flag(JToken? value) => value is JValue { Value: true };

    private static double? Number(JToken? value) => value is { Type: JTokenType.Integer or JTokenType.Float } ? (double)value : null;
}
