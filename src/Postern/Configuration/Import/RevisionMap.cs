using System.Text.Json.Nodes;

namespace Postern.Configuration.Import;

/// <summary>
/// Where the service has now what the folder calls <c>apis/orders</c> and <c>apis/orders;rev=2</c>: the name without a revision is the
/// current revision's, and the folder may have another current revision than the service.
/// </summary>
internal sealed class RevisionMap
{
    private readonly Dictionary<string, string> _current = new(ResourcePath.Comparer);
    private readonly Dictionary<string, string> _wanted = new(ResourcePath.Comparer);
    private readonly HashSet<string> _present;

    /// <param name="folder">APIs of the folder.</param>
    /// <param name="service">APIs of the service, all revisions.</param>
    public RevisionMap(IEnumerable<ConfigurationResource> folder, IReadOnlyList<ConfigurationResource> service)
    {
        _present = service.Select(api => api.Name).ToHashSet(ResourcePath.Comparer);
        foreach (var api in service.Where(api => !ResourcePath.IsRevision(api.Name)))
        {
            _current[api.Name] = Number(api.Properties) ?? "1";
        }

        foreach (var api in folder.Where(api => !ResourcePath.IsRevision(api.Name)))
        {
            if (_current.TryGetValue(api.Name, out var now) && Number(api.Properties) is { } wanted && wanted != now)
            {
                _wanted[api.Name] = wanted;
            }
        }
    }

    /// <summary>APIs whose current revision has to change, with its number and whether that revision exists.</summary>
    public IEnumerable<(string Api, string Revision, bool Exists)> Swaps =>
        _wanted.Select(pair => (pair.Key, pair.Value, _present.Contains(ResourcePath.Revision(pair.Key, pair.Value))));

    /// <summary>The service's path of one of the folder's.</summary>
    public string Now(string path)
    {
        if (_wanted.Count == 0 || ResourcePath.ApiOf(path) is not { } api)
        {
            return path;
        }

        var (root, number) = ResourcePath.Split(api);
        if (!_wanted.TryGetValue(root, out var wanted))
        {
            return path;
        }

        // A revision that does not exist yet will be a copy of the current one.
        var source = number is null ? _present.Contains(ResourcePath.Revision(root, wanted)) && !BelongsToApi(path) ? ResourcePath.Revision(root, wanted) : root
            : number == _current[root] ? root
            : api;
        return $"apis/{source}{path[(5 + api.Length)..]}";
    }

    /// <summary>Releases and tags are the API's, whichever revision is current.</summary>
    private static bool BelongsToApi(string path) => path.Split('/') is [_, _, "releases" or "tags", ..];

    private static string? Number(JsonObject properties) => properties["apiRevision"]?.ToString() is { Length: > 0 } number ? number : null;
}
