using Postern.ControlPlane.Resources.Links;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Tags;

/// <summary>Removes what goes with a tag or with something that is tagged. The tag's links tell of every assignment.</summary>
internal static class TagAssignments
{
    private static readonly IReadOnlyList<LinkShape> Shapes = [.. LinkShape.All.Where(shape => shape.LinkType.Contains("/tags/", StringComparison.Ordinal))];

    /// <summary>The assignments of a tag that is removed; its links are below it and go with it.</summary>
    public static async ValueTask RemoveToAsync(IResourceStore store, ResourceRemoval removal, CancellationToken cancellation)
    {
        foreach (var shape in Shapes)
        {
            foreach (var link in await store.ListAsync(removal.Row.Id, shape.LinkType, 0, null, cancellation))
            {
                if (ArmJson.ParseObject(link.Body).Properties().Text(shape.Member) is { } target)
                {
                    removal.Also.Add(new(shape.Associate(removal.Row.Id, target), shape.AssociationType, null, removal.Call.Caller.ObjectId));
                }
            }
        }
    }

    /// <summary>The links of tags to something that is removed with everything below it; the assignments are below it and go with it.</summary>
    public static async ValueTask RemoveOfAsync(IResourceStore store, ResourceRemoval removal, CancellationToken cancellation)
    {
        foreach (var row in await store.ListBelowAsync(removal.Row.Id, cancellation))
        {
            if (row.Type.EndsWith("/tags", StringComparison.OrdinalIgnoreCase))
            {
                (await LinkRows.FindAsync(store, row.Type, row.Id, cancellation)).ToList().ForEach(removal.Remove);
            }
        }
    }
}
