using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Links;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Tags;

/// <summary>The read-only lists of what carries tags: <c>tagResources</c>, <c>apisByTags</c>, <c>productsByTags</c>.</summary>
/// <param name="members">Members of the tag's links that count, such as <c>apiId</c>.</param>
internal sealed class TaggedResourceKind(KindServices services, string collection, params IReadOnlyList<string> members)
    : ResourceKind($"Microsoft.ApiManagement/service/{collection}")
{
    private readonly TagKind _tags = new(services);

    public override Verbs Verbs => Verbs.List;

    public override async ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation)
    {
        var shown = new List<JsonObject>();
        foreach (var tag in await services.Store.ListAsync(parent.Row.Id, TagKind.TypeName, 0, null, cancellation))
        {
            foreach (var shape in LinkShape.All.Where(shape => shape.LinkType.StartsWith(_tags.Type + "/", StringComparison.Ordinal) && members.Contains(shape.Member)))
            {
                foreach (var link in await services.Store.ListAsync(tag.Id, shape.LinkType, 0, null, cancellation))
                {
                    if (ArmJson.ParseObject(link.Body).Properties().Text(shape.Member) is { } id && await services.Store.FindAsync(id, cancellation) is { } target)
                    {
                        shown.Add(Show(tag, shape, target));
                    }
                }
            }
        }

        return shown;
    }

    private static JsonObject Show(ResourceRow tag, LinkShape shape, ResourceRow target)
    {
        var properties = ArmJson.ParseObject(target.Body).Properties();
        var item = new JsonObject { ["id"] = target.Id };
        foreach (var (name, value) in properties)
        {
            if (value is JsonValue)
            {
                item[name == "displayName" ? "name" : name] = value.DeepClone();
            }
        }

        return new()
        {
            ["tag"] = new JsonObject { ["id"] = tag.Id, ["name"] = ArmJson.ParseObject(tag.Body).Properties().Text("displayName") },
            [shape.Member[..^"Id".Length]] = item,
        };
    }
}
