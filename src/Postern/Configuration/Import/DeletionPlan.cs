using System.Text.Json.Nodes;
using Postern.Configuration.Folder;

namespace Postern.Configuration.Import;

/// <summary>What the service has and the folder has not: what would be deleted, and what never is.</summary>
internal sealed class DeletionPlan(IReadOnlyDictionary<string, ConfigurationResource> folder, ServiceState state)
{
    public IEnumerable<ImportStep> Steps() => Deletable().Select(resource => new ImportStep(StepAction.Delete, resource, []));

    public IReadOnlyList<string> Kept() => [.. Deletable().Select(resource => resource.Path).Order(StringComparer.Ordinal)];

    private List<ConfigurationResource> Deletable()
    {
        var others = state.Others.DistinctBy(resource => resource.Path, ResourcePath.Comparer).Where(resource => !folder.ContainsKey(resource.Path) && !IsBuiltIn(resource)).ToList();
        var gone = others.Select(resource => resource.Path).ToHashSet(ResourcePath.Comparer);

        // What lies below something that goes, goes with it.
        return [.. others.Where(resource => !Above(resource.Path).Any(gone.Contains) && !IsInUse(resource))];
    }

    private static IEnumerable<string> Above(string path)
    {
        for (var parent = ResourcePath.ParentOf(path); parent.Length > 0; parent = ResourcePath.ParentOf(parent))
        {
            yield return parent;
        }

        // Revisions go with their API.
        if (ResourcePath.ApiOf(path) is { } api && ResourcePath.Split(api) is (var root, not null))
        {
            yield return $"apis/{root}";
        }
    }

    private static bool IsBuiltIn(ConfigurationResource resource) => resource.Path.ToLowerInvariant() switch
    {
        "subscriptions/master" or "users/1" or "groups/administrators" or "groups/developers" or "groups/guests" or "groups/administrators/users/1" => true,
        var path => path.StartsWith("groups/", StringComparison.Ordinal) && resource.Properties["builtIn"] is JsonValue value && value.TryGetValue<bool>(out var builtIn) && builtIn,
    };

    /// <summary>Named values that the service itself made for the credentials of loggers and caches that stay.</summary>
    private bool IsInUse(ConfigurationResource resource)
    {
        if (resource.Kind != FolderLayout.NamedValues || resource.Properties["displayName"]?.ToString() is not { } name)
        {
            return false;
        }

        var kept = folder.Values.Where(other => other.Kind == FolderLayout.Loggers || other.Kind == FolderLayout.Caches).Select(other => state.Find(other.Path)?.Properties);
        return kept.Any(properties => properties is not null && Texts(properties).SelectMany(PolicyTexts.NamedValues).Contains(name));
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject value => value.SelectMany(member => Texts(member.Value)),
        JsonArray list => list.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };
}
