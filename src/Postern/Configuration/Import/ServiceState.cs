using System.Collections.Concurrent;
using Postern.Configuration.Folder;
using Postern.Configuration.Service;

namespace Postern.Configuration.Import;

/// <summary>What the service has of what the folder names, by the folder's paths, and what else it has.</summary>
/// <param name="everything">Collections are read whole, to know what the folder does not have.</param>
internal sealed class ServiceState(ServiceReader reader, RevisionMap revisions, bool everything, int parallel)
{
    internal static readonly FolderKind[] TagKinds = [FolderLayout.ApiTags, FolderLayout.ProductTags, FolderLayout.OperationTags];

    private readonly ConcurrentDictionary<string, ConfigurationResource> _found = new(ResourcePath.Comparer);
    private readonly ConcurrentDictionary<string, bool> _present = new(ResourcePath.Comparer);
    private readonly ConcurrentBag<ConfigurationResource> _others = [];
    private readonly HashSet<string> _tags = new(ResourcePath.Comparer);

    /// <summary>Resources of the service that the folder does not have; complete only for what was read whole.</summary>
    public IReadOnlyCollection<ConfigurationResource> Others => _others;

    public ConfigurationResource? Find(string path) => _found.GetValueOrDefault(path);

    public bool Has(string path) => path.Length == 0 || _present.ContainsKey(path);

    /// <summary>Known to be there without having been read.</summary>
    public void Mark(string path) => _present[path] = true;

    public void AddOther(ConfigurationResource resource) => _others.Add(resource);

    public void AddApis(IReadOnlyList<ConfigurationResource> folder, IReadOnlyList<ConfigurationResource> service) => Sort(folder, service);

    /// <param name="wanted">The folder's resources of this kind.</param>
    /// <param name="parents">The folder's resources of the kind above.</param>
    public async Task LoadAsync(FolderKind kind, IReadOnlyList<ConfigurationResource> wanted, IEnumerable<string> parents, CancellationToken cancellation)
    {
        if (TagKinds.Contains(kind))
        {
            await LoadTagsAsync(wanted, cancellation);
            return;
        }

        // What an API's definition may define is compared with the definition (DefinitionPlan), not listed here.
        var whole = kind.Listing is Listing.Whole or Listing.Relation || (everything && kind != FolderLayout.Operations && kind != FolderLayout.Schemas);
        if (!whole)
        {
            var paths = wanted.Where(resource => Has(resource.ParentPath)).ToDictionary(resource => revisions.Now(resource.Path), resource => resource.Path, ResourcePath.Comparer);
            foreach (var resource in await reader.EachAsync(kind, paths.Keys, cancellation))
            {
                Add(resource with { Path = paths[resource.Path] });
            }

            return;
        }

        var owners = wanted.Select(resource => resource.ParentPath).Concat(everything ? parents : []).Distinct(ResourcePath.Comparer).Where(Has).ToList();
        var byOwner = wanted.ToLookup(resource => resource.ParentPath, ResourcePath.Comparer);
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation };
        await Parallel.ForEachAsync(owners, options, async (owner, stop) =>
        {
            var now = revisions.Now(owner);
            var listed = await reader.ListAsync(kind, now, stop);
            Sort([.. byOwner[owner]], [.. listed.Select(resource => resource with { Path = owner + resource.Path[now.Length..] })]);
        });
    }

    /// <summary>Reads one that others need and the folder does not have.</summary>
    public async Task ProbeAsync(FolderKind kind, string path, CancellationToken cancellation)
    {
        if (!Has(path) && await reader.FindAsync(kind, revisions.Now(path), cancellation) is not null)
        {
            Mark(path);
        }
    }

    private async Task LoadTagsAsync(IReadOnlyList<ConfigurationResource> wanted, CancellationToken cancellation)
    {
        foreach (var tag in wanted.Select(resource => resource.Name).Distinct(ResourcePath.Comparer).Where(tag => Has($"tags/{tag}") && _tags.Add(tag)).ToList())
        {
            foreach (var resource in await reader.ListTaggedAsync(tag, cancellation))
            {
                Add(resource);
                _others.Add(resource);
            }
        }
    }

    private void Sort(IReadOnlyList<ConfigurationResource> wanted, IReadOnlyList<ConfigurationResource> listed)
    {
        var byPath = listed.ToDictionary(resource => resource.Path, ResourcePath.Comparer);
        foreach (var resource in wanted)
        {
            var now = resource.Kind == FolderLayout.Apis ? revisions.Now(resource.Path) : resource.Path;
            if (byPath.TryGetValue(now, out var existing))
            {
                Add(existing with { Path = resource.Path });
            }
        }

        var claimed = wanted.Select(resource => resource.Kind == FolderLayout.Apis ? revisions.Now(resource.Path) : resource.Path).ToHashSet(ResourcePath.Comparer);
        foreach (var other in listed.Where(resource => !claimed.Contains(resource.Path)))
        {
            _others.Add(other);
        }
    }

    private void Add(ConfigurationResource resource)
    {
        _found[resource.Path] = resource;
        _present[resource.Path] = true;
    }
}
