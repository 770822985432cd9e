using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Associations;
using Postern.ControlPlane.Resources.Tags;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Apis;

/// <summary>
/// APIs and their revisions. The current revision is stored as <c>apis/{name}</c>, the others as <c>apis/{name};rev={n}</c>.
/// </summary>
internal sealed class ApiKind(KindServices services) : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/apis";

    private static readonly string[] Types = ["http", "soap", "websocket", "graphql", "odata", "grpc"];

    private static readonly Member[] Declared =
    [
        Member.Text("displayName", 1, 300),
        Member.Text("description"),
        Member.Text("serviceUrl", 0, 2000),
        Member.Text("path", 0, 400),
        Member.List("protocols", Member.OneOf("protocol", "http", "https", "ws", "wss")),
        Member.OneOf("type", Types),
        Member.OneOf("apiType", Types).Input(),
        Member.Text("apiRevision", 1, 100),
        Member.Text("apiVersion", 0, 100),
        Member.Text("apiVersionSetId"),
        Member.Object("apiVersionSet").Input(),
        Member.Flag("isCurrent"),
        Member.Flag("isOnline").ReadOnly(),
        Member.Text("provisioningState").ReadOnly(),
        Member.Text("apiRevisionDescription", 0, 256),
        Member.Text("apiVersionDescription", 0, 256),
        Member.Flag("subscriptionRequired"),
        Member.Text("termsOfServiceUrl"),
        Member.Object("subscriptionKeyParameterNames", Member.Text("header"), Member.Text("query")),
        Member.Text("sourceApiId").Input(),
        Member.Text("value").Input(),
        Member.Text("format").Input(),
        Member.Any("wsdlSelector").Input(),
        Member.OneOf("translateRequiredQueryParameters", "template", "query").Input(),
        TaggedLists.Member,
    ];

    private readonly ApiPreparation _preparation = new(services);
    private readonly ApiExport _export = new(services);
    private readonly TaggedLists _tags = new(services, "apis");

    public override NameRules Names => NameRules.Long;

    public override bool IsLongRunning => true;

    /// <summary>204 is the one code that clients of every version accept.</summary>
    public override int DeletedStatus => 204;

    public override IReadOnlyList<Member> Members => Declared;

    public override async ValueTask<string> StoredNameAsync(string parentId, string name, CancellationToken cancellation)
    {
        if (!ApiRevisions.TrySplit(name, out var api, out var revision))
        {
            return name;
        }

        var current = await services.Store.FindAsync($"{parentId}/apis/{api}", cancellation);
        return current is not null && ApiRevisions.Of(current) == revision ? current.Name : name;
    }

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation) =>
        _preparation.PrepareAsync(change, cancellation);

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        var serviceId = removal.Row.ParentId;
        if (ApiRevisions.TrySplit(removal.Row.Name, out _, out _))
        {
            return null;
        }

        var others = await ApiRevisions.OthersAsync(services.Store, removal.Row, cancellation);
        if (others.Count > 0 && !removal.Call.Query.IsTrue("deleteRevisions"))
        {
            return ArmErrors.BadRequest(
                $"The API '{removal.Row.Name}' has other revisions. Delete them first, or delete all with deleteRevisions=true.", "deleteRevisions");
        }

        others.ToList().ForEach(removal.Remove);
        await Associated.RemoveAsync(services.Store, removal, "products", "apis", cancellation);
        await Associated.RemoveAsync(services.Store, removal, "gateways", "apis", cancellation);
        await TagAssignments.RemoveOfAsync(services.Store, removal, cancellation);
        Uniqueness.Release(removal, serviceId, "apis.path", ApiPreparation.PathClaim(ArmJson.ParseObject(removal.Row.Body).Properties()));
        return await RemoveSubscriptionsAsync(removal, cancellation);
    }

    public override async ValueTask<ArmResponse?> AnswerAsync(ResourceView view, CancellationToken cancellation) =>
        view.Call.Query.IsTrue("export") ? await _export.LinkAsync(view, cancellation) : null;

    public override ValueTask<IReadOnlyCollection<string>?> LimitAsync(string parentId, ArmQuery query, CancellationToken cancellation) =>
        _tags.LimitAsync(parentId, query, cancellation);

    public override async ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        await _tags.PresentAsync(view, body, cancellation);
        var properties = body.Properties();
        if (view.Call.Query.IsTrue("expandApiVersionSet") && properties.Text("apiVersionSetId") is { } set
            && await services.Store.FindAsync(set, cancellation) is { } row)
        {
            var expanded = ArmJson.ParseObject(row.Body).Properties();
            expanded["id"] = row.Id;
            expanded["name"] = expanded["displayName"]?.DeepClone();
            expanded.Remove("displayName");
            properties["apiVersionSet"] = expanded;
        }

        return body;
    }

    /// <summary>A subscription to an API that is gone gives access to nothing; its keys must not come to life with a new API of that name.</summary>
    private async ValueTask<ArmError?> RemoveSubscriptionsAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        foreach (var row in await Subscriptions.SubscriptionKind.FindAsync(services.Store, removal.Row.ParentId, "scope", removal.Row.Id, cancellation))
        {
            Subscriptions.SubscriptionKeys.Release(removal, row, services);
            removal.Remove(row);
        }

        return null;
    }
}
