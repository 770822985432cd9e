using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.DeletedServices;

/// <summary>
/// A service that was deleted and can still be restored. DELETE is the purge. The contract has it below its location, and a list of all of
/// a subscription.
/// </summary>
internal sealed class DeletedServiceKind(SoftDelete deleted, string type, Verbs verbs) : ResourceKind(type)
{
    /// <summary>What answers call it, in both places.</summary>
    private const string ShownType = "Microsoft.ApiManagement/deletedservices";

    public override Verbs Verbs => verbs;

    public override string ListedType => SoftDelete.TypeName;

    public override bool IsLongRunning => true;

    public override bool HasETag => false;

    public override bool HasCount => false;

    public static IEnumerable<ResourceKind> All(KindServices services)
    {
        var deleted = new SoftDelete(services);
        yield return new LocationKind();
        yield return new DeletedServiceKind(deleted, SoftDelete.TypeName, Verbs.Get | Verbs.List | Verbs.Delete);
        yield return new DeletedServiceKind(deleted, ShownType, Verbs.List);
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation) =>
        await deleted.PurgingAsync(removal.Row, cancellation);

    public override ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        body["type"] = ShownType;
        body.Remove(SoftDelete.Identity);
        return new(body);
    }
}
