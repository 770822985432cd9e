using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Links;
using Postern.ControlPlane.Resources.Subscriptions;
using Postern.ControlPlane.Resources.Tags;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Products;

internal sealed class ProductKind(KindServices services) : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/products";

    private static readonly Member[] Declared =
    [
        Member.Text("displayName", 1, 300).Required(),
        Member.Text("description", 0, 1000),
        Member.Text("terms"),
        Member.Flag("subscriptionRequired").Or(true),
        Member.Flag("approvalRequired"),
        Member.Number("subscriptionsLimit", 0),
        Member.OneOf("state", "notPublished", "published").Or("notPublished"),
        Member.List("groups", Member.Any("group")).Input(),
        TaggedLists.Member,
    ];

    private readonly TaggedLists _tags = new(services, "products");

    public override NameRules Names => NameRules.Long;

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var properties = change.Properties;
        if (properties.Flag("subscriptionRequired") == true)
        {
            properties["approvalRequired"] ??= false;
        }
        else if (properties.Flag("approvalRequired") == true || properties["subscriptionsLimit"] is not null)
        {
            change.Problem("approvalRequired", "'approvalRequired' and 'subscriptionsLimit' make sense only when 'subscriptionRequired' is true.");
        }

        if (change.Existing is null)
        {
            // The product adds its administrators by itself.
            var administrators = $"{change.Id}/groups/administrators";
            change.Also.Add(change.Write(administrators, ProductGroupKind.TypeName, new() { ["properties"] = new JsonObject() }));
            change.Also.Add(LinkRows.Create(ProductGroupKind.TypeName, administrators, change.Call.Caller.ObjectId)!);
        }

        return default;
    }

    public override ValueTask<IReadOnlyCollection<string>?> LimitAsync(string parentId, ArmQuery query, CancellationToken cancellation) =>
        _tags.LimitAsync(parentId, query, cancellation);

    public override async ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        await _tags.PresentAsync(view, body, cancellation);
        if (view.Call.Query.IsTrue("expandGroups"))
        {
            body.Properties()["groups"] = await GroupsAsync(view.Row, cancellation);
        }

        return body;
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        foreach (var row in await SubscriptionKind.FindAsync(services.Store, removal.Row.ParentId, "scope", removal.Row.Id, cancellation))
        {
            if (!removal.Call.Query.IsTrue("deleteSubscriptions"))
            {
                return ArmErrors.BadRequest(
                    $"The product '{removal.Row.Name}' has subscriptions. Delete them first, or with it by deleteSubscriptions=true.", "deleteSubscriptions");
            }

            SubscriptionKeys.Release(removal, row, services);
            removal.Remove(row);
        }

        await TagAssignments.RemoveOfAsync(services.Store, removal, cancellation);
        return null;
    }

    private async ValueTask<JsonArray> GroupsAsync(ResourceRow product, CancellationToken cancellation)
    {
        var groups = new JsonArray();
        foreach (var association in await services.Store.ListAsync(product.Id, ProductGroupKind.TypeName, 0, null, cancellation))
        {
            if (await services.Store.FindAsync($"{product.ParentId}/groups/{association.Name}", cancellation) is { } group)
            {
                var shown = (JsonObject)ArmJson.ParseObject(group.Body).Properties().DeepClone();
                (shown["id"], shown["name"]) = (group.Id, shown["displayName"]?.DeepClone());
                groups.Add(shown);
            }
        }

        return groups;
    }
}
