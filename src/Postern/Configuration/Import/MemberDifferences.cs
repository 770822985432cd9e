using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.Configuration.Folder;

namespace Postern.Configuration.Import;

/// <summary>One member that the folder has otherwise than the service.</summary>
/// <param name="Path">Such as <c>sampling.percentage</c> or <c>responses[0].statusCode</c>.</param>
/// <param name="Before">Null: the service has none.</param>
/// <param name="After">Null: the folder has none.</param>
internal sealed record MemberDifference(string Path, JsonNode? Before, JsonNode? After);

/// <summary>
/// Compares a resource of the folder with the service's. Nothing, <c>null</c>, an empty text, list or object are the same; members that
/// the service sets by itself don't count, and neither do its defaults where the folder is silent.
/// </summary>
internal static class MemberDifferences
{
    /// <param name="ignored">Members that don't count this time where the folder is silent.</param>
    public static IReadOnlyList<MemberDifference> Of(FolderKind kind, JsonObject folder, JsonObject service, IReadOnlySet<string>? ignored = null)
    {
        var differences = new List<MemberDifference>();
        foreach (var name in folder.Select(member => member.Key).Union(service.Select(member => member.Key), StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (kind.ReadOnly.Contains(name) || (kind.HasPolicyText && name is "format"))
            {
                continue;
            }

            var (wanted, found) = (folder[name], service[name]);
            if (!folder.ContainsKey(name) && (ignored?.Contains(name) == true || kind.Hidden.Contains(name) || Same(kind.Defaults[name], found)))
            {
                continue;
            }

            if (IsEmpty(found) && Same(kind.Defaults[name], wanted))
            {
                continue;
            }

            Compare(name, found, wanted, differences);
        }

        return differences;
    }

    public static bool Same(JsonNode? left, JsonNode? right)
    {
        var differences = new List<MemberDifference>();
        Compare("", left, right, differences);
        return differences.Count == 0;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, List<MemberDifference> differences)
    {
        if (IsEmpty(before) && IsEmpty(after))
        {
            return;
        }

        switch (before, after)
        {
            case (JsonObject old, JsonObject now):
                foreach (var name in old.Select(member => member.Key).Union(now.Select(member => member.Key), StringComparer.Ordinal))
                {
                    Compare(path.Length == 0 ? name : $"{path}.{name}", old[name], now[name], differences);
                }

                break;
            case (JsonArray old, JsonArray now) when old.Count == now.Count && old.Concat(now).Any(item => item is JsonObject):
                for (var i = 0; i < old.Count; i++)
                {
                    Compare(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), old[i], now[i], differences);
                }

                break;
            default:
                if (!Equal(before, after))
                {
                    differences.Add(new(path, before, after));
                }

                break;
        }
    }

    private static bool Equal(JsonNode? left, JsonNode? right) => (left, right) switch
    {
        (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(pair => Same(pair.First, pair.Second)),
        (JsonValue a, JsonValue b) => a.GetValueKind() == b.GetValueKind() && Equal(a, b, a.GetValueKind()),
        _ => false,
    };

    private static bool Equal(JsonValue left, JsonValue right, JsonValueKind kind) => kind switch
    {
        JsonValueKind.Number => double.Parse(left.ToJsonString(), CultureInfo.InvariantCulture).Equals(double.Parse(right.ToJsonString(), CultureInfo.InvariantCulture)),
        JsonValueKind.String => Lines(left.GetValue<string>()) == Lines(right.GetValue<string>()),
        _ => true,
    };

    /// <summary>Editors and version control change the ends of lines.</summary>
    private static string Lines(string text) => text.Contains('\r', StringComparison.Ordinal) ? text.Replace("\r\n", "\n", StringComparison.Ordinal) : text;

    internal static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonObject value => value.All(member => IsEmpty(member.Value)),
        JsonArray list => list.Count == 0,
        JsonValue value => value.TryGetValue<string>(out var text) && text.Length == 0,
        _ => false,
    };
}
