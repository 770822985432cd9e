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
        var users = await PolicyUse.OfFragmentAsync(_services.Store, removal.Row, cancellation);
        return users.Count == 0 ? null : ArmErrors.BadRequest($"The fragment is included by {string.Join(", ", users.Take(5))}.", removal.Row.Name);
    }

    public override ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        PolicyText.Present(body.Properties(), view);
        return new(body);
    }

    private async ValueTask<ArmResponse> ListReferencesAsync(ActionCall call, CancellationToken cancellation)
    {
        var users = await PolicyUse.OfFragmentAsync(_services.Store, call.Row, cancellation);
        return ArmResponse.Ok(new JsonObject
        {
            ["value"] = new JsonArray([.. users.Select(JsonNode (id) => new JsonObject { ["id"] = id })]),
            ["count"] = users.Count,
        });
    }
}
