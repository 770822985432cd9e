using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Links;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Associations;

/// <summary>
/// A resource that only says that its parent and another resource of the same name belong together: an API of a product, a user of a
/// group. Answers show the other resource.
/// </summary>
/// <param name="targetType">Type of the other resource, a direct child of the service.</param>
/// <param name="ownId">True: answers carry the association's own id; false: the other resource's.</param>
internal abstract class AssociationKind(KindServices services, string type, string targetType, bool ownId) : ResourceKind(type)
{
    private readonly string _collection = targetType[(targetType.LastIndexOf('/') + 1)..];

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override NameRules Names => NameRules.Long;

    public override bool HasETag => false;

    public override int HeadStatus => 204;

    public override bool FiltersAnswers => true;

    protected KindServices Services => services;

    /// <summary>The kind that shapes the other resource.</summary>
    protected abstract ResourceKind Target { get; }

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var id = TargetId(change.Id);
        if (await services.Store.FindAsync(id, cancellation) is not { } target)
        {
            return ArmErrors.NotFound(id);
        }

        // Whatever the body says, an association holds nothing; that the target is still there is checked in the same transaction.
        change.Body.Clear();
        change.Body["properties"] = new JsonObject();
        if (change.Existing is null && LinkRows.Create(Type, change.Id, change.Call.Caller.ObjectId) is { } link)
        {
            change.Also.Add(link);
        }

        return await AssociatingAsync(change, target, cancellation);
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        foreach (var link in await LinkRows.FindAsync(services.Store, Type, removal.Row.Id, cancellation))
        {
            removal.Remove(link);
        }

        return null;
    }

    public override async ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        if (await services.Store.FindAsync(TargetId(view.Row.Id), cancellation) is not { } target
            || await services.Envelope.PresentAsync(Target, view with { Row = target }, cancellation) is not { } shown)
        {
            return null;
        }

        if (ownId)
        {
            shown["id"] = view.Row.Id;
            shown["type"] = Type;
        }

        return shown;
    }

    /// <summary>Rules of one association.</summary>
    protected virtual ValueTask<ArmError?> AssociatingAsync(ResourceChange change, ResourceRow target, CancellationToken cancellation) => default;

    private string TargetId(string id) => $"{References.ServiceOf(id)}/{_collection}/{ResourceIds.NameOf(id)}";
}
