using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Policies;
using Postern.ControlPlane.Store;
using Postern.Policies;

namespace Postern.ControlPlane.Resources.PolicyFragments;

internal sealed class PolicyFragmentKind : ResourceKind
{
    public const string TypeName = "Microsoft.ApiManagement/service/policyFragments";

    private static readonly Member[] Declared =
    [
        Member.Text("value").Required(),
        Member.Text("description", 0, 1000),
        Member.OneOf("format", "xml", "rawxml").Or("xml"),
        Member.Text("provisioningState").ReadOnly(),
    ];

    private readonly KindServices _services;

    public PolicyFragmentKind(KindServices services)
        : base(TypeName)
    {
        _services = services;
        Actions = new Dictionary<string, ResourceAction>(StringComparer.OrdinalIgnoreCase) { ["listReferences"] = ListReferencesAsync };
    }

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override bool IsLongRunning => true;

    public override bool HasOrder => true;

    public override NameRules Names => NameRules.Fragment;

    public override IReadOnlyList<Member> Members => Declared;

    public override IReadOnlyDictionary<string, ResourceAction> Actions { get; }

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation) =>
        PolicyText.PrepareAsync(_services, change, PolicyScope.Fragment, cancellation);

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        var guard = await FragmentGuard.ReadAsync(_services.Store, removal.Row.ParentId, removal.Row.Name, cancellation);
        var users = await UsersAsync(removal.Row, cancellation);
        if (users.Count > 0)
        {
            return ArmErrors.BadRequest($"The fragment is included by {string.Join(", ", users.Take(5).Select(user => user.Id))}.", removal.Row.Name);
        }

        removal.Also.Add(guard.Untouched);
        if (guard.Row is { } row)
        {
            removal.Remove(row);
        }

        return null;
    }

    public override ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        PolicyText.Present(body.Properties(), view);
        return new(body);
    }

    private ValueTask<IReadOnlyList<ResourceRow>> UsersAsync(ResourceRow fragment, CancellationToken cancellation) => PolicyUse.OfFragmentAsync(
        _services.Store, new(_services, fragment.ParentId), fragment.ParentId, fragment.Name, cancellation);

    private async ValueTask<ArmResponse> ListReferencesAsync(ActionCall call, CancellationToken cancellation)
    {
        var users = await UsersAsync(call.Row, cancellation);
        return ArmResponse.Ok(new JsonObject
        {
            ["value"] = new JsonArray([.. users.Select(JsonNode (user) => new JsonObject { ["id"] = user.Id })]),
            ["count"] = users.Count,
        });
    }
}
