using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Policies;

namespace Postern.ControlPlane.Resources.NamedValues;

/// <summary>A value that policies name as <c>{{displayName}}</c>. Secret ones come back through <c>listValue</c> only.</summary>
internal sealed class NamedValueKind : ResourceKind
{
    public const string TypeName = "Microsoft.ApiManagement/service/namedValues";

    /// <summary>Claims of display names, by which policies refer.</summary>
    public const string NameClaim = "namedValues.displayName";

    private static readonly SecretPath Value = new(["value"], Shown: false);

    private static readonly Member[] Declared =
    [
        Member.Text("displayName", 1, 256).Required().Matching("^[A-Za-z0-9-._]+$"),
        Member.Text("value", 0, 4096),
        Member.Flag("secret"),
        Member.List("tags", Member.Text("tag"), 0, 32),
        Member.Object("keyVault", Member.Text("secretIdentifier", 1).Required(), Member.Text("identityClientId"), Member.Any("lastStatus").ReadOnly()),
        Member.Text("provisioningState").ReadOnly(),
    ];

    private readonly KindServices _services;

    public NamedValueKind(KindServices services)
        : base(TypeName)
    {
        _services = services;
        Actions = new Dictionary<string, ResourceAction>(StringComparer.OrdinalIgnoreCase)
        {
            ["listValue"] = ListValueAsync,
            ["refreshSecret"] = RefreshSecretAsync,
        };
    }

    public override bool IsLongRunning => true;

    public override NameRules Names => NameRules.Long;

    public override IReadOnlyList<Member> Members => Declared;

    public override IReadOnlyDictionary<string, ResourceAction> Actions { get; }

    public override IEnumerable<SecretPath> Secrets(JsonObject properties) => properties.Flag("secret") == true ? [Value] : [];

    public override bool HasWish(ArmQuery query) => query.IsTrue("isKeyVaultRefreshFailed");

    /// <summary>With <c>isKeyVaultRefreshFailed</c> only references whose last status is a failure.</summary>
    public override bool IsWanted(ArmQuery query, JsonObject resource) =>
        !HasWish(query) || (resource.Properties()["keyVault"]?["lastStatus"]?["code"] is JsonValue code && (string?)code != "Success");

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var properties = change.Properties;
        properties["secret"] ??= false;
        if (properties["keyVault"] is JsonObject vault)
        {
            properties.Remove("value");
            properties["secret"] = true;
            KeyVaultReference.Judge(change, vault, _services.Time.GetUtcNow());
        }
        else if (properties["value"] is null)
        {
            change.Problem("value", "'value' or 'keyVault' must be given.");
        }
        else if (properties["value"] is JsonObject)
        {
            // Sealed, and the flag was turned off without a new value: whoever may write must not thereby read.
            if (properties.Flag("secret") != true)
            {
                change.Problem("value", "'value' must be given when 'secret' is turned off.");
            }
        }

        Uniqueness.Claim(
            change, change.ParentId, NameClaim, change.PropertiesBefore?.Text("displayName"), properties.Text("displayName"), "displayName");
        return default;
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        var name = ArmJson.ParseObject(removal.Row.Body).Properties().Text("displayName") ?? removal.Row.Name;
        var users = await PolicyUse.OfNamedValueAsync(_services.Store, removal.Row, name, cancellation);
        if (users.Count > 0)
        {
            return ArmErrors.BadRequest($"The named value is used by {string.Join(", ", users.Take(5))}.", removal.Row.Name);
        }

        Uniqueness.Release(removal, removal.Row.ParentId, NameClaim, name);
        return null;
    }

    private ValueTask<ArmResponse> ListValueAsync(ActionCall call, CancellationToken cancellation) =>
        new(ArmResponse.Ok(new JsonObject { ["value"] = _services.Secrets.Reveal(call.Row.Id, call.Properties, "value") }, call.Row.ETag));

    private async ValueTask<ArmResponse> RefreshSecretAsync(ActionCall call, CancellationToken cancellation) =>
        call.Properties["keyVault"] is null
            ? ArmErrors.BadRequest("Only a named value that refers to a key vault can be refreshed.", call.Row.Name)
            : ArmResponse.Ok((await _services.Envelope.PresentAsync(this, new(call.Row, call.Call, InList: false), cancellation))!, call.Row.ETag);
}
