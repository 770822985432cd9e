using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Associations;
using Postern.ControlPlane.Resources.Subscriptions;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Users;

/// <summary>A developer who owns subscriptions. The administrator is user <c>1</c>.</summary>
internal sealed class UserKind : ResourceKind
{
    public const string TypeName = "Microsoft.ApiManagement/service/users";

    private const string Administrator = "1";

    private static readonly Member[] Declared =
    [
        Member.Text("email", 1, 254).Required(),
        Member.Text("firstName", 1, 100).Required(),
        Member.Text("lastName", 0, 100).Required(),
        Member.OneOf("state", "active", "blocked", "pending", "deleted").Or("active"),
        Member.Text("note"),
        Member.List("identities", Member.Object("identity", Member.Text("provider"), Member.Text("id"))),
        Member.Text("password").Input(),
        Member.OneOf("appType", "portal", "developerPortal").Input(),
        Member.OneOf("confirmation", "signup", "invite").Input(),
        Member.Time("registrationDate").ReadOnly(),
        Member.List("groups", Member.Any("group")).Input(),
    ];

    private readonly KindServices _services;

    public UserKind(KindServices services)
        : base(TypeName)
    {
        _services = services;
        Actions = new Dictionary<string, ResourceAction>(StringComparer.OrdinalIgnoreCase)
        {
            [RestoreAction.Name] = new RestoreAction(services, this, Member.Time("registrationDate")).InvokeAsync,
        };
    }

    public override IReadOnlyDictionary<string, ResourceAction> Actions { get; }

    public override bool IsLongRunning => true;

    public override int DeletedStatus => 204;

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var properties = change.Properties;
        var email = properties.Text("email")!;
        if (email.Count(c => c == '@') != 1 || email.StartsWith('@') || email.EndsWith('@') || email.Any(char.IsWhiteSpace))
        {
            change.Problem("email", $"'{email}' is not an e-mail address.");
        }

        properties["registrationDate"] ??= ArmEnvelope.Time(_services.Time.GetUtcNow());
        properties["identities"] ??= change.PropertiesBefore?["identities"]?.DeepClone()
            ?? new JsonArray(new JsonObject { ["provider"] = "Basic", ["id"] = email });
        Uniqueness.Claim(
            change, change.ParentId, "users.email", change.PropertiesBefore?.Text("email")?.ToLowerInvariant(), email.ToLowerInvariant(), "email");
        return default;
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        if (removal.Row.Name == Administrator)
        {
            return ArmErrors.BadRequest("The administrator can't be deleted.", Administrator);
        }

        foreach (var row in await SubscriptionKind.FindAsync(_services.Store, removal.Row.ParentId, "ownerId", removal.Row.Id, cancellation))
        {
            if (!removal.Call.Query.IsTrue("deleteSubscriptions"))
            {
                return ArmErrors.BadRequest(
                    $"The user '{removal.Row.Name}' owns subscriptions. Delete them first, or with the user by deleteSubscriptions=true.", "deleteSubscriptions");
            }

            SubscriptionKeys.Release(removal, row, _services);
            removal.Remove(row);
        }

        await Associated.RemoveAsync(_services.Store, removal, "groups", "users", cancellation);
        Uniqueness.Release(removal, removal.Row.ParentId, "users.email", ArmJson.ParseObject(removal.Row.Body).Properties().Text("email")?.ToLowerInvariant());
        return null;
    }

    public override async ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        if (!view.InList || view.Call.Query.IsTrue("expandGroups"))
        {
            var groups = new JsonArray();
            foreach (var group in await Associated.OwnersAsync(_services.Store, view.Row.ParentId, "groups", "users", view.Row.Name, cancellation))
            {
                groups.Add(ArmJson.ParseObject(group.Body).Properties().DeepClone());
            }

            body.Properties()["groups"] = groups;
        }

        return body;
    }
}
