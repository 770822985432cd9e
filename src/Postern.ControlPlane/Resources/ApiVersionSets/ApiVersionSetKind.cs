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
        foreach (var api in await services.Store.ListAsync(removal.Row.ParentId, Apis.ApiKind.TypeName, 0, null, cancellation))
        {
            if (ArmJson.ParseObject(api.Body).Properties().Text("apiVersionSetId") is { } set && ResourceIds.Same(set, removal.Row.Id))
            {
                return ArmErrors.BadRequest($"The version set is in use by the API '{api.Name}'.", api.Id);
            }
        }

        return null;
    }

    private static void Require(ResourceChange change, string? scheme, string value, string member)
    {
        if (string.Equals(scheme, value, StringComparison.OrdinalIgnoreCase) && change.Properties.Text(member) is not { Length: > 0 })
        {
            change.Problem(member, $"'{member}' must be given with the versioning scheme {value}.");
        }
    }
}
