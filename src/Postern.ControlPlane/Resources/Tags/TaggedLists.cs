using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Links;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Tags;

/// <summary>
/// The <c>tags</c> parameter of the lists of APIs, operations and products. Answers show each item's tags; names (or display names) in it,
/// separated by commas, limit the list to what has one of them; <c>true</c> names none.
/// </summary>
/// <param name="collection">Where what is tagged is, such as <c>apis/operations</c>.</param>
internal sealed class TaggedLists(KindServices services, string collection)
{
    public const string Parameter = "tags";

    private readonly string _type = $"{Services.ServiceKind.TypeName}/{collection}";

    /// <summary>What the answers show; requests that send it back mean nothing by it.</summary>
    public static Member Member { get; } = Member.List(Parameter, Member.Any("tag")).Input();

    public async ValueTask<IReadOnlyCollection<string>?> LimitAsync(string parentId, ArmQuery query, CancellationToken cancellation)
    {
        if (query[Parameter] is not { } text || bool.TryParse(text, out _))
        {
            return null;
        }

        var shape = TagAssignments.Shapes.Single(shape => shape.TargetType == _type);
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (await FindAsync(References.ServiceOf(parentId), name, cancellation) is { } tag)
            {
                found.UnionWith(from target in await TagAssignments.TargetsAsync(services.Store, tag.Id, shape, cancellation)
                                where ResourceIds.Same(ResourceIds.ParentOf(target), parentId)
                                select target);
            }
        }

        return found;
    }

    public async ValueTask PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        if (!view.InList || view.Call.Query[Parameter] is not { } text || (bool.TryParse(text, out var wanted) && !wanted))
        {
            return;
        }

        var shown = new JsonArray();
        foreach (var assignment in await services.Store.ListAsync(view.Row.Id, $"{_type}/tags", 0, null, cancellation))
        {
            if (await services.Store.FindAsync($"{References.ServiceOf(view.Row.Id)}/tags/{assignment.Name}", cancellation) is { } tag)
            {
                shown.Add(Show(tag));
            }
        }

        body.Properties()[Parameter] = shown;
    }

    public static JsonObject Show(ResourceRow tag) =>
        new() { ["id"] = tag.Id, ["name"] = ArmJson.ParseObject(tag.Body).Properties().Text("displayName") };

    private async ValueTask<ResourceRow?> FindAsync(string serviceId, string name, CancellationToken cancellation) =>
        await services.Store.FindAsync($"{serviceId}/tags/{name}", cancellation) is { } tag && ResourceIds.Same(tag.Type, TagKind.TypeName) ? tag
        : name.Length >= IndexedMembers.LongestText ? null
        : (await services.Store.FindByValueAsync(new(serviceId, TagKind.TypeName, "displayName", name), 1, cancellation)).FirstOrDefault();
}
