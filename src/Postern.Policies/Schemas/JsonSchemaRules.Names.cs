using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace Postern.Policies.Schemas;

/// <summary>What a schema says about the names of properties, and what makes two values equal.</summary>
internal sealed partial class JsonSchemaRules
{
    private static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(250);

    private SchemaFault? CheckName(JProperty property, JObject rules, int depth) =>
        rules["propertyNames"] is { } names && Check(new JValue(property.Name), names, depth + 1) is { } fault
            ? Fault(property, $"The name of the property '{property.Name}' does not fit: {fault.Message}")
            : null;

    /// <param name="named">Whether a pattern speaks of the property; it is not an additional one then.</param>
    private SchemaFault? CheckPatterns(JProperty property, JObject rules, int depth, out bool named)
    {
        named = false;
        foreach (var (pattern, schema) in rules["patternProperties"] as JObject ?? [])
        {
            if (Matches(property.Name, pattern) is not { } matches)
            {
                return Fault(property, $"The name of the property '{property.Name}' can't be matched with the pattern '{pattern}'.");
            }

            named |= matches;
            if (matches && Check(property.Value, schema, depth + 1) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private SchemaFault? CheckDependencies(JObject members, JObject rules, int depth)
    {
        foreach (var (name, needed) in rules["dependencies"] as JObject ?? [])
        {
            if (!Has(members, name))
            {
                continue;
            }

            var missing = (needed as JArray)?.FirstOrDefault(other => Text(other) is { } wanted && !Has(members, wanted));
            if (missing is not null)
            {
                return Fault(members, $"Property '{name}' needs property '{missing}'.");
            }

            if (needed is not JArray && Check(members, needed, depth + 1) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private bool Has(JObject members, string name) => members.Properties().Any(property => property.Name.Equals(name, _names));

    /// <returns>Null when it can't be said: the pattern is none, or takes too long.</returns>
    private static bool? Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, PatternTime);
        }
        catch (Exception problem) when (problem is RegexMatchTimeoutException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Numbers are equal by value, however they are written, and objects in any order.</summary>
    private static bool AreEqual(JToken a, JToken b) => (a, b) switch
    {
        (JArray left, JArray right) => left.Count == right.Count && left.Zip(right).All(pair => AreEqual(pair.First, pair.Second)),
        (JObject left, JObject right) => left.Count == right.Count && left.Properties().All(one => right.TryGetValue(one.Name, out var other) && AreEqual(one.Value, other)),
        _ => JToken.DeepEquals(a, b) || (IsNumber(a) && IsNumber(b) && a.Type != b.Type && (double)a == (double)b),
    };

    private static bool IsNumber(JToken token) => token.Type is JTokenType.Integer or JTokenType.Float;

    /// <summary>Equal items have equal hashes, so only items of one hash are compared. Whoever makes many of one hash uses up the checks.</summary>
    private bool HasTwins(JArray items) => items.GroupBy(HashOf).Any(group => AnyEqual([.. group]));

    private bool AnyEqual(List<JToken> items)
    {
        for (var i = 1; i < items.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (++_checks > MostChecks || AreEqual(items[j], items[i]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static int HashOf(JToken token) => token switch
    {
        JObject members => members.Properties().Aggregate(members.Count, (hash, one) => hash ^ HashCode.Combine(one.Name, HashOf(one.Value))),
        JArray items => items.Aggregate(items.Count, (hash, item) => HashCode.Combine(hash, HashOf(item))),
        _ when IsNumber(token) => ((double)token).GetHashCode(),
        _ => HashCode.Combine(token.Type, (token as JValue)?.Value),
    };
}
