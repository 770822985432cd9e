using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Operations;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Tags;

/// <summary>
/// The read-only lists of what carries tags: <c>tagResources</c>, <c>apisByTags</c>, <c>operationsByTags</c>, <c>productsByTags</c>. An
/// item is a tag with what has it; filters name members of either (<c>tag/id</c>, <c>api/isCurrent</c>) or of what has it alone.
/// </summary>
/// <param name="targets">Collections of what is tagged, such as <c>apis/operations</c>.</param>
internal sealed class TaggedResourceKind(KindServices services, string collection, params IReadOnlyList<string> targets)
    : ResourceKind($"{Service}{collection}")
{
    private const string Service = Services.ServiceKind.TypeName + "/";

    /// <summary>Parameter that asks for what has no tag too.</summary>
    public string? Untagged { get; init; }

    public override Verbs Verbs => Verbs.List;

    public override async ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation)
    {
        var shown = new List<JsonObject>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var tag in await services.Store.ListAsync(References.ServiceOf(parent.Row.Id), TagKind.TypeName, 0, null, cancellation))
        {
            foreach (var shape in TagAssignments.Shapes.Where(shape => targets.Contains(shape.TargetType[Service.Length..])))
            {
                foreach (var id in await TagAssignments.TargetsAsync(services.Store, tag.Id, shape, cancellation))
                {
                    if (ResourceIds.IsAtOrBelow(id, parent.Row.Id) && await services.Store.FindAsync(id, cancellation) is { } target)
                    {
                        seen.Add(target.Id);
                        shown.Add(await ShowAsync(tag, target, cancellation));
                    }
                }
            }
        }

        if (Untagged is not null && parent.Call.Query.IsTrue(Untagged))
        {
            foreach (var row in await services.Store.ListAsync(parent.Row.Id, Service + targets[0], 0, null, cancellation))
            {
                if (!seen.Contains(row.Id))
                {
                    shown.Add(await ShowAsync(null, row, cancellation));
                }
            }
        }

        return shown;
    }

    public override JsonObject Filterable(JsonObject item)
    {
        var filterable = (JsonObject)item.DeepClone();
        var target = item.First(member => member.Key != "tag").Value!.DeepClone();
        target["aid"] = target["id"]?.DeepClone();
        target["displayName"] = target["name"]?.DeepClone();
        filterable["properties"] = target;
        return filterable;
    }

    private async ValueTask<JsonObject> ShowAsync(ResourceRow? tag, ResourceRow target, CancellationToken cancellation)
    {
        var isOperation = ResourceIds.Same(target.Type, OperationKind.TypeName);
        var item = new JsonObject { ["id"] = target.Id };
        foreach (var (name, value) in ArmJson.ParseObject(target.Body).Properties())
        {
            if (!isOperation || value is JsonValue)
            {
                item[name == "displayName" ? "name" : name] = value?.DeepClone();
            }
        }

        if (isOperation && await services.Store.FindAsync(target.ParentId, cancellation) is { } api)
        {
            var properties = ArmJson.ParseObject(api.Body).Properties();
            item["apiName"] = properties.Text("displayName");
            item["apiRevision"] = properties.Text("apiRevision");
            item["apiVersion"] = properties.Text("apiVersion");
        }

        var resource = tag is null ? [] : new JsonObject { ["tag"] = TaggedLists.Show(tag) };
        resource[isOperation ? "operation" : ResourceIds.Same(target.Type, Apis.ApiKind.TypeName) ? "api" : "product"] = item;
        return resource;
    }
}
