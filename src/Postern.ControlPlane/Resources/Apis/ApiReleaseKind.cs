namespace Postern.ControlPlane.Resources.Apis;

/// <summary>A release of an API. Making one for a revision makes that revision current.</summary>
internal sealed class ApiReleaseKind(KindServices services) : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/apis/releases";

    private static readonly Member[] Declared =
    [
        Member.Text("apiId"),
        Member.Text("notes"),
        Member.Time("createdDateTime").ReadOnly(),
        Member.Time("updatedDateTime").ReadOnly(),
    ];

    private readonly RevisionSwap _swap = new(services);

    public override IReadOnlyList<Member> Members => Declared;

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var now = ArmEnvelope.Time(services.Time.GetUtcNow());
        change.Properties["createdDateTime"] ??= now;
        change.Properties["updatedDateTime"] = now;
        if (ApiRevisions.TrySplit(Store.ResourceIds.NameOf(change.ParentId), out _, out _))
        {
            return ArmErrors.BadRequest("Releases belong to the API, not to one of its revisions: leave ';rev=' out of the path.", "apiId");
        }

        var given = change.Properties.Text("apiId") ?? change.ParentId;
        var serviceId = References.ServiceOf(change.Id);
        var name = References.Absolute(serviceId, given) is { } id ? References.NameIn(serviceId, id, "apis") : null;
        var current = (await services.Store.FindAsync(change.ParentId, cancellation))!;
        var revision = name is not null && ApiRevisions.TrySplit(name, out var api, out var number) ? number : null;
        if (name is null || !Store.ResourceIds.Same(revision is null ? name : name[..name.IndexOf(';')], current.Name))
        {
            change.Problem("apiId", $"'apiId' must name this API or one of its revisions; '{given}' does not.");
            return null;
        }

        change.Properties["apiId"] = $"{serviceId}/apis/{name}";
        if (change.Existing is not null || revision is null || revision == ApiRevisions.Of(current))
        {
            return null;
        }

        if (await services.Store.FindAsync($"{serviceId}/apis/{ApiRevisions.Join(current.Name, revision)}", cancellation) is not { } next)
        {
            change.Problem("apiId", $"The revision '{given}' does not exist.");
            return null;
        }

        await _swap.MakeCurrentAsync(change, current, next, cancellation);
        return null;
    }
}
