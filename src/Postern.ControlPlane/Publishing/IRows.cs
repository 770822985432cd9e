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

/// <summary>Every row of a service, read at once.</summary>
internal sealed class LoadedRows(IReadOnlyList<ResourceRow> rows) : IRows
{
    private readonly Dictionary<string, ResourceRow> _byId = rows.ToDictionary(row => row.Id, StringComparer.OrdinalIgnoreCase);

    private readonly ILookup<(string, string), ResourceRow> _children =
        rows.ToLookup(row => (ResourceIds.Key(row.ParentId), ResourceIds.Key(row.Type)));

    public IReadOnlyList<ResourceRow> All => rows;

    public ValueTask<ResourceRow?> FindAsync(string id, CancellationToken cancellation) => new(_byId.GetValueOrDefault(id));

    public ValueTask<IReadOnlyList<ResourceRow>> ListAsync(string parentId, string type, CancellationToken cancellation) =>
        new([.. _children[(ResourceIds.Key(parentId), ResourceIds.Key(type))]]);
}
