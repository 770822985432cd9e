using System.Runtime.InteropServices;
using Postern.ControlPlane.Publishing.Kinds;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Publishing;

/// <summary>Rows as the entity reader wants them: from the store for a change, from memory when a whole service is loaded.</summary>
internal interface IRows
{
    ValueTask<ResourceRow?> FindAsync(string id, CancellationToken cancellation);

    ValueTask<IReadOnlyList<ResourceRow>> ListAsync(string parentId, string type, CancellationToken cancellation);
}

internal sealed class StoredRows(IResourceStore store) : IRows
{
    public ValueTask<ResourceRow?> FindAsync(string id, CancellationToken cancellation) => store.FindAsync(id, cancellation);

    public ValueTask<IReadOnlyList<ResourceRow>> ListAsync(string parentId, string type, CancellationToken cancellation) =>
        store.ListAsync(parentId, type, 0, null, cancellation);
}

/// <summary>Every row of a service that entities are made of, read at once.</summary>
internal sealed class LoadedRows : IRows
{
    /// <summary>What no gateway needs is not among them.</summary>
    private static readonly string[] Types =
    [
        "", "/apis", "/apis/operations", "/apis/policies", "/apis/operations/policies", "/apiVersionSets", "/policies", "/policyFragments", "/products", "/products/apis",
        "/products/groups", "/products/policies", "/subscriptions", "/users", "/groups", "/groups/users", "/namedValues", "/backends", "/gateways", "/gateways/apis",
        .. PublishedKinds.All.Select(kind => kind.Type),
    ];

    private readonly Dictionary<string, ResourceRow> _byId = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<ResourceRow>> _children = new(StringComparer.OrdinalIgnoreCase);

    private readonly IResourceStore _store;

    private LoadedRows(IResourceStore store) => _store = store;

    public IReadOnlyCollection<ResourceRow> All => _byId.Values;

    public static async ValueTask<LoadedRows> LoadAsync(IResourceStore store, string serviceId, CancellationToken cancellation)
    {
        var loaded = new LoadedRows(store);
        foreach (var type in Types)
        {
            foreach (var row in await store.ListAsync("", $"Microsoft.ApiManagement/service{type}", 0, null, cancellation))
            {
                if (ResourceIds.IsAtOrBelow(row.Id, serviceId))
                {
                    loaded._byId[row.Id] = row;
                    ref var children = ref CollectionsMarshal.GetValueRefOrAddDefault(loaded._children, Key(row.ParentId, row.Type), out _);
                    (children ??= []).Add(row);
                }
            }
        }

        return loaded;
    }

    public ValueTask<ResourceRow?> FindAsync(string id, CancellationToken cancellation) => new(_byId.GetValueOrDefault(id));

    /// <summary>What few need and is big, such as schemas, is read when it is asked for.</summary>
    public ValueTask<IReadOnlyList<ResourceRow>> ListAsync(string parentId, string type, CancellationToken cancellation) =>
        _children.TryGetValue(Key(parentId, type), out var children) ? new(children)
        : Types.Any(known => type.EndsWith($"service{known}", StringComparison.OrdinalIgnoreCase)) ? new([])
        : _store.ListAsync(parentId, type, 0, null, cancellation);

    private static string Key(string parentId, string type) => $"{parentId}|{type}";
}
