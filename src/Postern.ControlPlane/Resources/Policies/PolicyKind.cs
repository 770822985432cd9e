using System.Text.Json.Nodes;
using Postern.Policies;

namespace Postern.ControlPlane.Resources.Policies;

/// <summary>The policy document of one scope. The same kind at every scope; only the type differs.</summary>
internal sealed class PolicyKind(KindServices services, string type) : ResourceKind(type)
{
    private static readonly Member[] Declared =
    [
        Member.Text("value").Required(),
        Member.OneOf("format", "xml", "rawxml", "xml-link", "rawxml-link").Or("xml"),
    ];

    private readonly PolicyScope _scope = StoredDocument.ScopeOf(type);

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override NameRules Names => NameRules.Exactly("policy");

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation) =>
        PolicyText.PrepareAsync(services, change, _scope, cancellation);

    public override ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        PolicyText.Present(body.Properties(), view);
        return new(body);
    }
}
