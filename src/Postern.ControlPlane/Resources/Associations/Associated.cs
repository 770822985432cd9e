using Postern.ControlPlane.Resources.Links;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Associations;

/// <summary>Finds associations from the side that does not own them.</summary>
internal static class Associated
{
    /// <summary>The associations with a resource, such as the <c>products/*/apis/echo</c> of an API.</summary>
    /// <param name="owners">Collection of the owners, such as <c>products</c>.</param>
    /// <param name="collection">Collection below each owner, such as <c>apis</c>.</param>
    public static async ValueTask<IReadOnlyList<ResourceRow>> OwnersAsync(
        IResourceStore store, string serviceId, string owners, string collection, string name, CancellationToken cancellation)
    {
        var across = IndexedMembers.Across($"Microsoft.ApiManagement/service/{owners}/{collection}");
        var found = new List<ResourceRow>();
        foreach (var association in await store.FindByValueAsync(new(serviceId, across, "name", name), null, cancellation))
        {
            if (await store.FindAsync(association.ParentId, cancellation) is { } owner)
            {
                found.Add(owner);
            }
        }

        return found;
    }

    /// <summary>Removes those associations together with the resource.</summary>
    public static async ValueTask RemoveAsync(IResourceStore store, ResourceRemoval removal, string owners, string collection, CancellationToken cancellation)
    {
        var serviceId = References.ServiceOf(removal.Row.Id);
        foreach (var owner in await OwnersAsync(store, serviceId, owners, collection, removal.Row.Name, cancellation))
        {
            var (id, type) = ($"{owner.Id}/{collection}/{removal.Row.Name}", $"Microsoft.ApiManagement/service/{owners}/{collection}");
            removal.Also.Add(new(id, type, null, removal.Call.Caller.ObjectId));
            (await LinkRows.FindAsync(store, type, id, cancellation)).ToList().ForEach(removal.Remove);
        }
    }
}
