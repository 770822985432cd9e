namespace Postern.ControlPlane.Resources.Tags;

internal sealed class TagKind(KindServices services) : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/tags";

    private static readonly Member[] Declared = [Member.Text("displayName", 1, 160).Required()];

    public override IReadOnlyList<Member> Members => Declared;

    /// <summary><c>scope</c>, such as <c>apis</c> or <c>apis/echo</c>: only tags that something there has.</summary>
    public override async ValueTask<IReadOnlyCollection<string>?> LimitAsync(string parentId, ArmQuery query, CancellationToken cancellation) =>
        query["scope"] is { } scope ? await TagAssignments.UsedInAsync(services.Store, parentId, $"{parentId}/{scope.Trim('/')}", cancellation) : null;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        Uniqueness.Claim(
            change, change.ParentId, "tags.displayName", change.PropertiesBefore?.Text("displayName"), change.Properties.Text("displayName"), "displayName");
        return default;
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        Uniqueness.Release(removal, removal.Row.ParentId, "tags.displayName", ArmJson.ParseObject(removal.Row.Body).Properties().Text("displayName"));
        await TagAssignments.RemoveToAsync(services.Store, removal, cancellation);
        return null;
    }
}
