using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Subscriptions;

/// <summary>Who may call what, by two keys. The keys come back through <c>listSecrets</c> only.</summary>
internal sealed class SubscriptionKind : ResourceKind
{
    public const string TypeName = "Microsoft.ApiManagement/service/subscriptions";

    private static readonly Member[] Declared =
    [
        Member.Text("displayName", 1, 100).Required(),
        Member.Text("scope").Required(),
        Member.Text("ownerId"),
        Member.Text("primaryKey", 1, 256).Secret(),
        Member.Text("secondaryKey", 1, 256).Secret(),
        Member.OneOf("state", "suspended", "active", "expired", "submitted", "rejected", "cancelled"),
        Member.Flag("allowTracing"),
        Member.Text("stateComment"),
        Member.Time("expirationDate"),
        Member.Time("createdDate").ReadOnly(),
        Member.Time("startDate").ReadOnly(),
        Member.Time("endDate").ReadOnly(),
        Member.Time("notificationDate").ReadOnly(),
    ];

    private readonly KindServices _services;

    public SubscriptionKind(KindServices services)
        : base(TypeName)
    {
        _services = services;
        Actions = new Dictionary<string, ResourceAction>(StringComparer.OrdinalIgnoreCase)
        {
            ["listSecrets"] = ListSecretsAsync,
            [RestoreAction.Name] = new RestoreAction(services, this, Member.Time("createdDate"), Member.Time("startDate"), Member.Time("endDate")).InvokeAsync,
            ["regeneratePrimaryKey"] = (call, cancellation) => SubscriptionKeys.RegenerateAsync(services, call, "primaryKey", cancellation),
            ["regenerateSecondaryKey"] = (call, cancellation) => SubscriptionKeys.RegenerateAsync(services, call, "secondaryKey", cancellation),
        };
    }

    public override NameRules Names => NameRules.Long;

    public override IReadOnlyList<Member> Members => Declared;

    public override IReadOnlyDictionary<string, ResourceAction> Actions { get; }

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var properties = change.Properties;
        var serviceId = change.ParentId;
        await CheckScopeAsync(change, serviceId, cancellation);
        await CheckOwnerAsync(change, serviceId, cancellation);
        var now = ArmEnvelope.Time(_services.Time.GetUtcNow());
        properties["state"] ??= change.PropertiesBefore?.Text("state") ?? "submitted";
        properties["createdDate"] ??= now;
        if (properties.Text("state") == "active" && change.PropertiesBefore?.Text("state") != "active")
        {
            properties["startDate"] ??= now;
        }

        if (change.Problems.Count == 0)
        {
            SubscriptionKeys.Claim(change, _services);
        }

        return null;
    }

    public override ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        if (ResourceIds.Same(removal.Row.Name, SubscriptionKeys.Master))
        {
            return new(ArmErrors.BadRequest("The built-in all-access subscription can't be deleted. Regenerate its keys, or suspend it.", "master"));
        }

        SubscriptionKeys.Release(removal, removal.Row, _services);
        return default;
    }

    /// <summary>The subscriptions whose member names the parent.</summary>
    public async ValueTask<IReadOnlyList<JsonObject>?> ListByAsync(ResourceView parent, string member, CancellationToken cancellation)
    {
        var rows = await FindAsync(_services.Store, parent.Row.ParentId, member, parent.Row.Id, cancellation);
        return [.. rows.Select(row => _services.Envelope.Wrap(this, row))];
    }

    /// <summary>Subscriptions by <c>scope</c> or <c>ownerId</c>.</summary>
    /// <param name="id">Full id, in any casing.</param>
    public static ValueTask<IReadOnlyList<ResourceRow>> FindAsync(
        IResourceStore store, string serviceId, string member, string id, CancellationToken cancellation) =>
        store.FindByValueAsync(new(serviceId, TypeName, member, id), null, cancellation);

    private async ValueTask CheckScopeAsync(ResourceChange change, string serviceId, CancellationToken cancellation)
    {
        var given = change.Properties.Text("scope")!;
        var id = References.Absolute(serviceId, given);
        if (id is not null && ResourceIds.Same(id, $"{serviceId}/apis"))
        {
            change.Properties["scope"] = id;
            return;
        }

        if (id is not null && ResourceIds.Same(id, serviceId) && ResourceIds.Same(change.Name, SubscriptionKeys.Master))
        {
            change.Properties["scope"] = $"{serviceId}/";
            return;
        }

        if (id is null
            || (References.NameIn(serviceId, id, "products") ?? References.NameIn(serviceId, id, "apis")) is null
            || await _services.Store.FindAsync(id, cancellation) is not { } target)
        {
            change.Problem("scope", $"'scope' must be /apis, /apis/{{apiId}} or /products/{{productId}} of this service, and exist; '{given}' does not.");
            return;
        }

        change.Properties["scope"] = target.Id;
    }

    private async ValueTask CheckOwnerAsync(ResourceChange change, string serviceId, CancellationToken cancellation)
    {
        if (change.Properties.Text("ownerId") is not { Length: > 0 } given)
        {
            return;
        }

        if (References.Absolute(serviceId, given) is { } id && References.NameIn(serviceId, id, "users") is not null
            && await _services.Store.FindAsync(id, cancellation) is { } user)
        {
            change.Properties["ownerId"] = user.Id;
        }
        else
        {
            change.Problem("ownerId", $"The user '{given}' does not exist in this service.");
        }
    }

    private ValueTask<ArmResponse> ListSecretsAsync(ActionCall call, CancellationToken cancellation) => new(ArmResponse.Ok(
        new JsonObject
        {
            ["primaryKey"] = _services.Secrets.Reveal(call.Row.Id, call.Properties, "primaryKey"),
            ["secondaryKey"] = _services.Secrets.Reveal(call.Row.Id, call.Properties, "secondaryKey"),
        },
        call.Row.ETag));
}
