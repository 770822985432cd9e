using Postern.ControlPlane.Resources.Associations;

namespace Postern.ControlPlane.Resources.Groups;

internal sealed class GroupKind(KindServices services) : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/groups";

    private static readonly Member[] Declared =
    [
        Member.Text("displayName", 1, 300).Required(),
        Member.Text("description", 0, 1000),
        Member.OneOf("type", "custom", "system", "external").Or("custom"),
        Member.Text("externalId"),
        Member.Flag("builtIn").ReadOnly(),
    ];

    public override NameRules Names => NameRules.Long;

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        change.Properties["builtIn"] ??= false;
        if (change.Properties.Text("type") == "system" && change.Properties.Flag("builtIn") != true)
        {
            change.Problem("type", "Only the built-in groups are system groups.");
        }

        return default;
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        if (ArmJson.ParseObject(removal.Row.Body).Properties().Flag("builtIn") == true)
        {
            return ArmErrors.BadRequest($"The built-in group '{removal.Row.Name}' can't be deleted.", removal.Row.Name);
        }

        await Associated.RemoveAsync(services.Store, removal, "products", "groups", cancellation);
        return null;
    }
}
