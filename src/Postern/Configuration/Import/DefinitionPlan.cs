using System.Collections.Concurrent;
using Postern.Configuration.Folder;
using Postern.Configuration.Service;

namespace Postern.Configuration.Import;

/// <summary>
/// Operations and schemas that come from definition files. An API that is new takes its definition in one call; in one that exists only
/// the operations that differ are written, so that the others, and their policies, serve on untouched.
/// </summary>
internal sealed class DefinitionPlan(ServiceReader reader, RevisionMap revisions, ServiceState state, bool everything)
{
    /// <summary>Resources to compare one by one.</summary>
    public ConcurrentBag<ConfigurationResource> Compared { get; } = [];

    public ConcurrentBag<ConfigurationResource> Unchanged { get; } = [];

    /// <summary>Operations whose place another one takes.</summary>
    public ConcurrentBag<(ConfigurationResource Operation, string By)> Replaced { get; } = [];

    /// <summary>What a definition defines, as resources; those with a file of their own are left out.</summary>
    public static IEnumerable<ConfigurationResource> Defined(ConfigurationResource api, IReadOnlyDictionary<string, ConfigurationResource> folder)
    {
        if (api.Definition is not { } definition)
        {
            return [];
        }

        var operations = definition.Api.Operations.Select(pair => Resource(FolderLayout.Operations, pair.Key, pair.Value));
        var schemas = definition.Api.Schemas.Select(pair => Resource(FolderLayout.Schemas, pair.Key, pair.Value));
        return operations.Concat(schemas).Where(resource => !folder.ContainsKey(resource.Path));

        ConfigurationResource Resource(FolderKind kind, string name, System.Text.Json.Nodes.JsonObject properties) =>
            new(kind, ResourcePath.Join(api.Path, kind.Collection, name), properties) { File = definition.File, IsDefined = true };
    }

    /// <summary>Files that speak for an operation which the definition has too: an edit of the definition would do nothing.</summary>
    public static IEnumerable<FolderProblem> Shadowed(ConfigurationResource api, IReadOnlyDictionary<string, ConfigurationResource> folder) =>
        from operation in api.Definition?.Api.Operations ?? []
        let path = ResourcePath.Join(api.Path, FolderLayout.Operations.Collection, operation.Key)
        where folder.TryGetValue(path, out var own) && !own.IsDefined
        select new FolderProblem(folder[path].File ?? path, null, $"says all about this operation; what {api.Definition!.File} says about it does not count.");

    /// <param name="api">With a definition, and present in the service.</param>
    /// <param name="defined">See <see cref="Defined"/>.</param>
    /// <param name="wanted">All operations that the folder has for the API, by path.</param>
    public async Task CompareAsync(
        ConfigurationResource api, IReadOnlyList<ConfigurationResource> defined, IReadOnlyDictionary<string, ConfigurationResource> wanted, CancellationToken cancellation)
    {
        var now = revisions.Now(api.Path);
        var match = api.Definition!.Format is "openapi" or "openapi+json" && await reader.ExportAsync(now, "openapi+json-link", cancellation) is { } export
            ? DefinitionMatch.Of(api.Definition, export)
            : null;
        var different = false;
        foreach (var resource in defined)
        {
            var same = match is not null && (resource.Kind == FolderLayout.Schemas ? match.SameSchemas : match.Same.Contains(resource.Name));
            if (same)
            {
                state.Mark(resource.Path);
                Unchanged.Add(resource);
            }
            else
            {
                Compared.Add(resource);
                different = true;
            }
        }

        var operations = defined.Count(resource => resource.Kind == FolderLayout.Operations);
        if (different || everything || match?.Count != operations)
        {
            await FindOthersAsync(api, wanted, cancellation);
        }
    }

    /// <summary>Operations that the service has and the folder has not.</summary>
    public async Task FindOthersAsync(ConfigurationResource api, IReadOnlyDictionary<string, ConfigurationResource> wanted, CancellationToken cancellation)
    {
        var now = revisions.Now(api.Path);
        var existing = await reader.ListAsync(FolderLayout.Operations with { Listing = Listing.Whole }, now, cancellation);
        var names = existing.Select(operation => operation.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var own = wanted.Values.Where(other => other.Kind == FolderLayout.Operations && ResourcePath.Comparer.Equals(other.ParentPath, api.Path)).ToList();
        foreach (var operation in existing.Select(operation => operation with { Path = api.Path + operation.Path[now.Length..] }))
        {
            if (wanted.ContainsKey(operation.Path))
            {
                continue;
            }

            if (own.Find(other => !names.Contains(other.Name) && Place(other) == Place(operation)) is { } successor)
            {
                Replaced.Add((operation, successor.Name));
            }
            else
            {
                state.AddOther(operation);
            }
        }
    }

    private static string Place(ConfigurationResource operation) =>
        $"{operation.Properties["method"]?.ToString().ToUpperInvariant()} {operation.Properties["urlTemplate"]}";
}
