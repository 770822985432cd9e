using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Postern.ControlPlane.Tests.Conformance;

/// <summary>
/// Compares an answer with an example's, member by member. An example says what must be there; more may be. Times need only be times,
/// absent and null are the same, ids need only have the same shape, XML is compared with white space folded.
/// </summary>
internal static partial class ExampleComparison
{
    /// <summary>Lists are ordered by name here; examples have no order. Ours is done at once where the example is still under way.</summary>
    private static readonly string[] NeverCompared = ["provisioningState", "etag", "systemData", "nextLink"];

    public static List<string> Differences(JsonNode? expected, JsonNode? actual, IReadOnlyCollection<string> different)
    {
        var differences = new List<string>();
        Compare("", expected, actual, different, differences);
        return differences;
    }

    private static void Compare(string path, JsonNode? expected, JsonNode? actual, IReadOnlyCollection<string> different, List<string> differences)
    {
        switch (expected)
        {
            case null:
                break;
            case JsonObject members when actual is JsonObject found:
                foreach (var (name, value) in members)
                {
                    var here = $"{path}/{name}";
                    if (!NeverCompared.Contains(name) && !different.Contains(name) && !(IsResource(path) && name is "id" or "name"))
                    {
                        Compare(here, value, found[name], different, differences);
                    }
                }

                break;
            case JsonArray items when actual is JsonArray found:
                if (items.Count != found.Count)
                {
                    differences.Add($"{path}: {items.Count} items expected, {found.Count} found");
                    break;
                }

                for (var i = 0; i < items.Count; i++)
                {
                    var match = path == "/value" ? found.FirstOrDefault(item => NameOf(item) == NameOf(items[i])) : found[i];
                    Compare($"{path}[{i.ToString(CultureInfo.InvariantCulture)}]", items[i], match, different, differences);
                }

                break;
            default:
                if (!Same(path, expected, actual))
                {
                    differences.Add($"{path}: {expected.ToJsonString()} expected, {actual?.ToJsonString() ?? "nothing"} found");
                }

                break;
        }
    }

    /// <summary>Examples name resources inconsistently; what was asked for is known from the path.</summary>
    private static bool IsResource(string path) => path.Length == 0 || (path.StartsWith("/value[", StringComparison.Ordinal) && path.EndsWith(']'));

    private static string? NameOf(JsonNode? item) => ((string?)item?["id"])?.Split('/')[^1];

    private static bool Same(string path, JsonNode expected, JsonNode? actual)
    {
        if (actual is null || expected.GetValueKind() != JsonValueKind.String || actual.GetValueKind() != JsonValueKind.String)
        {
            return JsonNode.DeepEquals(expected, actual);
        }

        var (wanted, found) = (expected.GetValue<string>(), actual.GetValue<string>());
        return wanted == found
            || (Time().IsMatch(wanted) && Time().IsMatch(found))
            || (Guid.TryParse(wanted, out _) && Guid.TryParse(found, out _))
            || (wanted.StartsWith("{{", StringComparison.Ordinal) && found.StartsWith("{{", StringComparison.Ordinal))
            || (path.EndsWith("/id", StringComparison.Ordinal) && wanted.Split('/').Length == found.Split('/').Length)
            || (path is "/value" or "/primary" or "/secondary" or "/primaryKey" or "/secondaryKey" && found.Length > 0)
            || Folded(wanted) == Folded(found);
    }

    private static string Folded(string text) => Space().Replace(text, "");

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$")]
    private static partial Regex Time();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
