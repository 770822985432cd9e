using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Links;

/// <summary>A relation as a resource of its own. Writing it makes the association, removing it ends it.</summary>
internal sealed class LinkKind(KindServices services, LinkShape shape) : ResourceKind(shape.LinkType)
{
    private readonly Member[] _members = [Member.Text(shape.Member, 1).Required()];

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override bool HasETag => false;

    public override IReadOnlyList<Member> Members => _members;

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var given = change.Properties.Text(shape.Member)!;
        var id = References.Absolute(References.ServiceOf(change.Id), given);
        if (id is null || await services.Store.FindAsync(id, cancellation) is not { } target || !ResourceIds.Same(target.Type, shape.TargetType))
        {
            change.Problem(shape.Member, $"'{given}' does not exist in this service.");
            return null;
        }

        change.Properties[shape.Member] = target.Id;
        if (change.PropertiesBefore?.Text(shape.Member) is { } before && !ResourceIds.Same(before, target.Id))
        {
            change.Also.Add(change.Remove(shape.Associate(change.ParentId, before), shape.AssociationType));
        }

        change.Also.Add(change.Write(shape.Associate(change.ParentId, target.Id), shape.AssociationType, new() { ["properties"] = new JsonObject() }));
        return null;
    }

    public override ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        if (ArmJson.ParseObject(removal.Row.Body).Properties().Text(shape.Member) is { } target)
        {
            removal.Also.Add(new(shape.Associate(removal.Row.ParentId, target), shape.AssociationType, null, removal.Call.Caller.ObjectId));
        }

        return default;
    }
}
