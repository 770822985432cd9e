using FsCheck;
using FsCheck.Fluent;
using Newtonsoft.Json.Linq;

namespace Postern.Policies.Tests;

/// <summary>Schemas of the keywords that NJsonSchema 10.7.2 knows as we do, and values that fit about every second one.</summary>
internal static class GeneratedSchemas
{
    private static readonly string[] Names = ["a", "b", "c"];

    /// <summary>None of them takes long on any text.</summary>
    private static readonly string[] Patterns = ["^a", "b$", "^[a-c]{1,2}$", "[xy]", "^$"];

    public static Gen<(string Schema, string Value)> Pairs { get; } = Gen.Frequency((8, Schema(3)), (1, Referring)).Zip(Value(3), (schema, value) => (schema.ToString(), value.ToString(Newtonsoft.Json.Formatting.None)));

    private static Gen<JToken> Value(int depth) => depth == 0 ? Scalar : Gen.Frequency(
        (3, Scalar),
        (2, Several(Value(depth - 1), 3).Select(items => (JToken)new JArray(items))),
        (3, Members(Value(depth - 1)).Select(members => (JToken)members)));

    private static Gen<JToken> Scalar => Gen.Frequency(
        (3, Gen.Choose(-3, 6).Select(number => (JToken)number)),
        (1, Gen.Elements(0.5, 2.5, -1.25).Select(number => (JToken)number)),
        (3, Gen.Elements("", "a", "ab", "abc", "xyz", "b").Select(text => (JToken)text)),
        (1, Gen.Elements(true, false).Select(flag => (JToken)flag)),
        (1, Gen.Constant((JToken)JValue.CreateNull())));

    private static Gen<JToken> Schema(int depth) => depth == 0 ? Leaf : Gen.Frequency((2, Leaf), (3, Object(depth)), (2, Array(depth)), (2, Combination(depth)));

    private static Gen<JToken> Leaf => Gen.OneOf(
        Gen.Elements("string", "number", "boolean", "null", "array", "object", "integer").Select(type => Of(("type", type))),
        Gen.Elements("string", "null").Zip(Gen.Elements("number", "boolean"), (one, other) => Of(("type", new JArray(one, other)))),
        Several(Gen.Elements("a", "ab", "xyz").Select(text => (JToken)text), 3).Where(texts => texts.Length > 0).Select(texts => Of(("enum", new JArray(texts.Distinct())))),
        Gen.Choose(0, 2).Zip(Gen.Choose(1, 3), (least, most) => Of(("type", "string"), ("minLength", least), ("maxLength", most))),
        Gen.Elements(Patterns).Select(pattern => Of(("type", "string"), ("pattern", pattern))),
        Gen.Choose(-2, 2).Zip(Gen.Elements(true, false), (least, open) => Of(("type", "number"), ("minimum", least), ("exclusiveMinimum", open))),
        Gen.Choose(0, 5).Zip(Gen.Elements(true, false), (most, open) => Of(("type", "number"), ("maximum", most), ("exclusiveMaximum", open))),
        Gen.Choose(1, 3).Select(step => Of(("type", "number"), ("multipleOf", step))),
        Gen.Constant(Of()));

    private static Gen<JToken> Object(int depth) => Gen.OneOf(
        Members(Schema(depth - 1)).Zip(Gen.SubListOf(Names), (members, required) => Of(("type", "object"), ("properties", members), ("required", new JArray(required.ToArray<object>())))),
        Members(Schema(depth - 1)).Select(members => Of(("type", "object"), ("properties", members), ("additionalProperties", false))),
        Schema(depth - 1).Select(others => Of(("type", "object"), ("additionalProperties", others))),
        Schema(depth - 1).Select(some => Of(("type", "object"), ("patternProperties", new JObject { ["^[ab]"] = some }))),
        Gen.Choose(0, 2).Zip(Gen.Choose(1, 3), (least, most) => Of(("type", "object"), ("minProperties", least), ("maxProperties", most))));

    private static Gen<JToken> Array(int depth) => Gen.OneOf(
        Schema(depth - 1).Select(item => Of(("type", "array"), ("items", item))),
        Schema(depth - 1).Zip(Schema(depth - 1), (first, rest) => Of(("type", "array"), ("items", new JArray(first)), ("additionalItems", rest))),
        Gen.Choose(0, 2).Zip(Gen.Choose(1, 3), (least, most) => Of(("type", "array"), ("minItems", least), ("maxItems", most))));

    private static Gen<JToken> Combination(int depth) => Gen.OneOf(
        Gen.Elements("allOf", "anyOf", "oneOf").Zip(Several(Schema(depth - 1), 3).Where(parts => parts.Length > 0), (keyword, parts) => Of((keyword, new JArray(parts)))),
        Schema(depth - 1).Select(part => Of(("not", part))));

    /// <summary>Only the root may define what is referred to.</summary>
    private static Gen<JToken> Referring => Schema(2).Zip(
        Gen.Elements("properties", "items", "additionalProperties"),
        (part, place) => Of(
            (place, place == "properties" ? new JObject { ["a"] = new JObject { ["$ref"] = "#/definitions/d" } } : new JObject { ["$ref"] = "#/definitions/d" }),
            ("definitions", new JObject { ["d"] = part })));

    private static Gen<JToken[]> Several(Gen<JToken> one, int most) => Gen.Choose(0, most).SelectMany(count => one.ArrayOf(count));

    private static Gen<JObject> Members(Gen<JToken> value) => Gen.SubListOf(Names).SelectMany(names => value.ArrayOf(names.Count).Select(values =>
    {
        var members = new JObject();
        foreach (var (name, content) in names.Zip(values))
        {
            members[name] = content.DeepClone();
        }

        return members;
    }));

    private static JToken Of(params (string Name, JToken Value)[] keywords)
    {
        var schema = new JObject();
        foreach (var (name, value) in keywords)
        {
            schema[name] = value.DeepClone();
        }

        return schema;
    }
}
