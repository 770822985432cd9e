using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postern.ControlPlane.Resources.Tags;

namespace Postern.ControlPlane.Resources.Operations;

internal sealed partial class OperationKind(KindServices services) : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/apis/operations";

    private static readonly Member[] Parameter =
    [
        Member.Text("name", 1).Required(),
        Member.Text("type"),
        Member.Text("description"),
        Member.Flag("required"),
        Member.List("values", Member.Any("value")),
    ];

    private static readonly Member Representation = Member.Object("representation", Member.Text("contentType", 1).Required());

    private static readonly Member[] Declared =
    [
        Member.Text("displayName", 1, 300).Required(),
        Member.Text("method", 1, 64).Required().Matching("^[A-Za-z*_-]+$"),
        Member.Text("urlTemplate", 1, 1000).Required(),
        Member.Text("description", 0, 1000),
        Member.Text("policies"),
        Member.List("templateParameters", Member.Object("parameter", Parameter)),
        Member.Object(
            "request",
            Member.Text("description"),
            Member.List("queryParameters", Member.Object("parameter", Parameter)),
            Member.List("headers", Member.Object("header", Parameter)),
            Member.List("representations", Representation)),
        Member.List("responses", Member.Object(
            "response",
            Member.Number("statusCode", 100, 599).Required(),
            Member.Text("description"),
            Member.List("representations", Representation),
            Member.List("headers", Member.Object("header", Parameter)))),
        TaggedLists.Member,
    ];

    private readonly TaggedLists _tags = new(services, "apis/operations");

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var template = change.Properties.Text("urlTemplate")!;
        if (template.Count(c => c == '{') != template.Count(c => c == '}') || template.Any(char.IsControl))
        {
            change.Problem("urlTemplate", $"The braces of 'urlTemplate' must come in pairs; '{template}' is malformed.");
            return default;
        }

        var declared = (change.Properties["templateParameters"] as JsonArray ?? []).Select(parameter => (parameter as JsonObject)?.Text("name")).ToHashSet();
        foreach (Match match in Placeholder().Matches(template))
        {
            var name = match.Groups[1].Value;
            if (!declared.Contains(name))
            {
                change.Problem("templateParameters", $"The parameter '{{{name}}}' of 'urlTemplate' must be declared in 'templateParameters'.");
            }
        }

        if (!template.StartsWith('/') && template != "*")
        {
            change.Properties["urlTemplate"] = "/" + template;
        }

        return default;
    }

    public override ValueTask<IReadOnlyCollection<string>?> LimitAsync(string parentId, ArmQuery query, CancellationToken cancellation) =>
        _tags.LimitAsync(parentId, query, cancellation);

    public override async ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        await _tags.PresentAsync(view, body, cancellation);
        if (view.InList)
        {
            var properties = body.Properties();
            properties.Remove("request");
            properties.Remove("responses");
            properties.Remove("templateParameters");
        }

        return body;
    }

    [GeneratedRegex(@"\{\*?([^{}?]+?)\??\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
