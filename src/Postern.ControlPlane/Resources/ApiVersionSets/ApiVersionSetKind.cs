using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.ApiVersionSets;

internal sealed class ApiVersionSetKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/apiVersionSets")
{
    private static readonly Member[] Declared =
    [
        Member.Text("displayName", 1, 100).Required(),
        Member.OneOf("versioningScheme", "Segment", "Query", "Header").Required(),
        Member.Text("versionQueryName", 1, 100),
        Member.Text("versionHeaderName", 1, 100),
        Member.Text("description"),
    ];

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var scheme = change.Properties.Text("versioningScheme");
        Require(change, scheme, "Query", "versionQueryName");
        Require(change, scheme, "Header", "versionHeaderName");
        return default;
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        var users = await services.Store.FindByValueAsync(
            new(removal.Row.ParentId, Apis.ApiKind.TypeName, "apiVersionSetId", removal.Row.Id), 1, cancellation);
        return users is [var api, ..] ? ArmErrors.BadRequest($"The version set is in use by the API '{api.Name}'.", api.Id) : null;
    }

    private static void Require(ResourceChange change, string? scheme, string value, string member)
    {
        if (string.Equals(scheme, value, StringComparison.OrdinalIgnoreCase) && change.Properties.Text(member) is not { Length: > 0 })
        {
            change.Problem(member, $"'{member}' must be given with the versioning scheme {value}.");
        }
    }
}
