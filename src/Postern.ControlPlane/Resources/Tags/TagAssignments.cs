using Postern.ControlPlane.Resources.Links;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Tags;

/// <summary>Removes what goes with a tag or with something that is tagged. The tag's links tell of every assignment.</summary>
internal static class TagAssignments
{
    public static IReadOnlyList<LinkShape> Shapes { get; } = [.. LinkShape.All.Where(shape => shape.LinkType.Contains("/tags/", StringComparison.Ordinal))];

    /// <summary>Ids of the tags that anything at or below a scope has.</summary>
    public static async ValueTask<IReadOnlyCollection<string>> UsedInAsync(IResourceStore store, string serviceId, string scope, CancellationToken cancellation)
    {
        var used = new List<string>();
        foreach (var tag in await store.ListAsync(serviceId, TagKind.TypeName, 0, null, cancellation))
        {
            foreach (var shape in Shapes)
            {
                if ((await TargetsAsync(store, tag.Id, shape, cancellation)).Any(target => ResourceIds.IsAtOrBelow(target, scope)))
                {
                    used.Add(tag.Id);
                    break;
                }
            }
        }

        return used;
    }

    /// <summary>Ids of what has a tag, of one shape.</summary>
    public static async ValueTask<IReadOnlyList<string>> TargetsAsync(IResourceStore store, string tagId, LinkShape shape, CancellationToken cancellation) =>
    [
        .. from link in await store.ListAsync(tagId, shape.LinkType, 0, null, cancellation)
           let target = ArmJson.ParseObject(link.Body).Properties().Text(shape.Member)
           where target is not null
           select target,
    ];

    /// <summary>The assignments of a tag that is removed; its links are below it and go with it.</summary>
    public static async ValueTask RemoveToAsync(IResourceStore store, ResourceRemoval removal, CancellationToken cancellation)
    {
        foreach (var shape in Shapes)
        {
            foreach (var target in await TargetsAsync(store, removal.Row.Id, shape, cancellation))
            {
                removal.Also.Add(new(shape.Associate(removal.Row.Id, target), shape.AssociationType, null, removal.Call.Caller.ObjectId));
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
