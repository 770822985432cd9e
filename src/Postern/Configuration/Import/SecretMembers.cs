using System.Text.Json.Nodes;
using Postern.Configuration.Folder;

namespace Postern.Configuration.Import;

/// <summary>Which members of a resource are secrets, and places in the folder that stand for secrets it does not hold.</summary>
internal static class SecretMembers
{
    /// <summary>True for a member whose value must not be shown.</summary>
    /// <param name="path">As <see cref="MemberDifference.Path"/> has it.</param>
    public static bool IsSecret(FolderKind kind, string path, params JsonObject[] bodies)
    {
        var steps = path.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.');
        if (kind == FolderLayout.NamedValues)
        {
            return steps[0] == "value" && bodies.Any(body => body["secret"] is not JsonValue value || !value.TryGetValue<bool>(out var secret) || secret);
        }

        return kind.Hidden.Contains(steps[0])
            || kind.Shown.Any(shown => Overlap(shown.Split('.'), steps))
            || (kind == FolderLayout.Loggers && steps[0] == "credentials")
            || (kind == FolderLayout.Caches && steps[0] == "connectionString");
    }

    /// <summary>Puts the service's values where the folder has places for secrets.</summary>
    /// <returns>Places that the service has no value for.</returns>
    public static IReadOnlyList<string> Fill(JsonObject folder, JsonObject? service)
    {
        var missing = new List<string>();
        Fill(folder, service, "", missing);
        return missing;
    }

    /// <summary>The places of shown secrets in a body, with their text; references to named values are no secrets.</summary>
    public static IEnumerable<(JsonNode Parent, string Key, int Index, string Path, string Text)> Shown(FolderKind kind, JsonObject body) =>
        kind.Shown.SelectMany(path => Find(body, path.Split('.'), 0, "")).Where(place => !place.Text.Contains("{{", StringComparison.Ordinal) && place.Text.Length > 0);

    private static void Fill(JsonNode folder, JsonNode? service, string path, List<string> missing)
    {
        var members = folder is JsonObject value ? value.Select(member => (member.Key, member.Value)).ToList() : [];
        foreach (var (name, member) in members)
        {
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            var existing = (service as JsonObject)?[name];
            if (!Overrides.IsPlaceholder(member))
            {
                if (member is not null)
                {
                    Fill(member, existing, inner, missing);
                }
            }
            else if (existing is not null)
            {
                folder[name] = existing.DeepClone();
            }
            else
            {
                missing.Add(inner);
            }
        }

        for (var i = 0; i < (folder as JsonArray)?.Count; i++)
        {
            var existing = service is JsonArray list && i < list.Count ? list[i] : null;
            if (!Overrides.IsPlaceholder(folder[i]))
            {
                if (folder[i] is { } item)
                {
                    Fill(item, existing, $"{path}[{i}]", missing);
                }
            }
            else if (existing is not null)
            {
                folder[i] = existing.DeepClone();
            }
            else
            {
                missing.Add($"{path}[{i}]");
            }
        }
    }

    private static bool Overlap(string[] pattern, string[] steps)
    {
        for (var i = 0; i < Math.Min(pattern.Length, steps.Length); i++)
        {
            if (pattern[i] != "*" && pattern[i] != steps[i])
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<(JsonNode Parent, string Key, int Index, string Path, string Text)> Find(JsonNode node, string[] steps, int depth, string path)
    {
        var children = node switch
        {
            JsonObject value => value.Where(member => steps[depth] == "*" || steps[depth] == member.Key)
                .Select(member => (Key: member.Key, Index: -1, Node: member.Value, Path: path.Length == 0 ? member.Key : $"{path}.{member.Key}")),
            JsonArray list when steps[depth] == "*" => list.Select((item, i) => (Key: "", Index: i, Node: item, Path: $"{path}[{i}]")),
            _ => [],
        };
        foreach (var child in children.ToList())
        {
            if (depth == steps.Length - 1)
            {
                if (child.Node is JsonValue value && value.TryGetValue<string>(out var text))
                {
                    yield return (node, child.Key, child.Index, child.Path, text);
                }
            }
            else if (child.Node is not null)
            {
                foreach (var found in Find(child.Node, steps, depth + 1, child.Path))
                {
                    yield return found;
                }
            }
        }
    }
}
