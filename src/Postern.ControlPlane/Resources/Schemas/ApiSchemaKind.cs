using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.Schemas;

/// <summary>Schemas of an API: OpenAPI components, GraphQL, WSDL types, proto files.</summary>
internal sealed class ApiSchemaKind() : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/apis/schemas";

    private static readonly Member[] Declared =
    [
        Member.Text("contentType", 1).Required(),
        Member.Object("document", Member.Text("value"), Member.Object("definitions"), Member.Object("components")).Required(),
        Member.Text("provisioningState").ReadOnly(),
    ];

    public override bool IsLongRunning => true;

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        if (view.InList)
        {
            body.Properties().Remove("document");
        }

        return new(body);
    }
}
