using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postern.Configuration.Folder;

namespace Postern.Configuration.Import;

/// <summary>
/// How many fragments stand inside one another below each: one that includes another is written after it and deleted before it, because the
/// service refuses a fragment that names one that is not there.
/// </summary>
internal static partial class FragmentLevels
{
    /// <returns>Levels by path; 0 for a fragment that includes none of the others.</returns>
    public static Dictionary<string, int> Of(IEnumerable<ConfigurationResource> resources)
    {
        var included = resources.Where(resource => resource.Kind == FolderLayout.Fragments).DistinctBy(resource => resource.Path, ResourcePath.Comparer).ToDictionary(
            resource => resource.Path,
            resource => Include().Matches((resource.Properties["value"] as JsonValue)?.ToString() ?? "").Select(match => $"policyFragments/{match.Groups[2].Value.Trim()}").ToList(),
            ResourcePath.Comparer);
        var levels = new Dictionary<string, int>(ResourcePath.Comparer);
        foreach (var path in included.Keys)
        {
            Level(path, included, levels);
        }

        return levels;
    }

    private static int Level(string path, Dictionary<string, List<string>> included, Dictionary<string, int> levels)
    {
        if (levels.TryGetValue(path, out var level))
        {
            return level;
        }

        // A circle ends here; the service refuses it with its chain.
        levels[path] = 0;
        return levels[path] = included[path].Where(included.ContainsKey).Select(inner => Level(inner, included, levels) + 1).DefaultIfEmpty().Max();
    }

    [GeneratedRegex("""<include-fragment\b[^>]*?\bfragment-id\s*=\s*(["'])([^"']+)\1""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Include();
}
