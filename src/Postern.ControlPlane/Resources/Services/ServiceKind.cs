using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.Services;

/// <summary>One API Management instance. Finished at once: there is nothing to provision.</summary>
internal sealed class ServiceKind(KindServices services) : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service";

    private static readonly Member[] Declared =
    [
        Member.Text("publisherEmail", 0, 100).Required(),
        Member.Text("publisherName", 0, 100).Required(),
        Member.Text("notificationSenderEmail", 0, 100).Or("apimgmt-noreply@mail.windowsazure.com"),
        Member.Text("provisioningState").ReadOnly(),
        Member.Text("targetProvisioningState").ReadOnly(),
        Member.Time("createdAtUtc").ReadOnly(),
        Member.Text("gatewayUrl").ReadOnly(),
        Member.Text("gatewayRegionalUrl").ReadOnly(),
        Member.Text("portalUrl").ReadOnly(),
        Member.Text("developerPortalUrl").ReadOnly(),
        Member.Text("managementApiUrl").ReadOnly(),
        Member.Text("scmUrl").ReadOnly(),
        Member.List("publicIPAddresses", Member.Text("address")).ReadOnly(),
        Member.List("privateIPAddresses", Member.Text("address")).ReadOnly(),
        Member.List("outboundPublicIPAddresses", Member.Text("address")).ReadOnly(),
        Member.Text("platformVersion").ReadOnly(),
        Member.OneOf("virtualNetworkType", "None", "External", "Internal").Or("None"),
        Member.OneOf("publicNetworkAccess", "Enabled", "Disabled").Or("Enabled"),
        Member.Flag("disableGateway").Or(false),
        Member.Flag("enableClientCertificate"),
        Member.Map("customProperties", Member.Text("value")),
        Member.Flag("restore").Input(),
        Member.List("hostnameConfigurations", Member.Object(
            "configuration",
            Member.OneOf("type", "Proxy", "Portal", "Management", "Scm", "DeveloperPortal", "ConfigurationApi").Required(),
            Member.Text("hostName", 1).Required(),
            Member.Text("encodedCertificate").Secret(),
            Member.Text("certificatePassword").Secret(),
            Member.Flag("defaultSslBinding"),
            Member.Flag("negotiateClientCertificate"))),
        Member.List("certificates", Member.Object(
            "certificate",
            Member.Text("encodedCertificate").Secret(),
            Member.Text("certificatePassword").Secret(),
            Member.OneOf("storeName", "CertificateAuthority", "Root").Required())),
    ];

    private readonly ServiceIdentity _identity = new(services);
    private readonly DeletedServices.SoftDelete _deleted = new(services);

    public override NameRules Names => NameRules.Service;

    public override bool IsLongRunning => true;

    public override bool IsTracked => true;

    public override bool HasETag => false;

    public override bool HasCount => false;

    public override IReadOnlyList<Member> Members => Declared;

    /// <summary>With <c>restore</c> nothing else of the body counts.</summary>
    public override async ValueTask<ArmResponse?> DivertAsync(ArmCall call, string id, JsonObject body, CancellationToken cancellation) =>
        call.Method == "PUT" && (body["properties"] as JsonObject)?["restore"] is JsonValue value && value.TryGetValue<bool>(out var restore) && restore
            && await services.Store.FindAsync(id, cancellation) is null
            ? await _deleted.RestoreAsync(call, id, this, cancellation)
            : null;

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        if (change.Before?["location"] is { } location)
        {
            change.Body["location"] = location.DeepClone();
        }
        else if (change.Body.Text("location") is not { Length: > 0 })
        {
            change.Problem("location", "'location' must be given.");
        }

        if (change.Body["sku"] is not JsonObject sku || sku.Text("name") is not { } name || sku["capacity"]?.GetValueKind() != System.Text.Json.JsonValueKind.Number)
        {
            change.Problem("sku", "'sku' must be given with 'name' and 'capacity'.");
        }
        else if (!ServiceDefaults.Skus.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            change.Problem("sku.name", $"'sku.name' must be one of {string.Join(", ", ServiceDefaults.Skus)}.");
        }

        if (change.Problems.Count > 0)
        {
            return null;
        }

        if (change.Existing is null && await _deleted.FindAsync(change.Name, cancellation) is { } deleted)
        {
            return DeletedServices.SoftDelete.Taken(deleted);
        }

        if (await _identity.ApplyAsync(change, cancellation) is { } refusal)
        {
            return refusal;
        }

        ServiceDefaults.Fill(change, services.Time.GetUtcNow());
        if (change.Existing is null)
        {
            ServiceDefaults.AddChildren(change, services);
        }

        return null;
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation) =>
        await _deleted.DeletingAsync(removal, cancellation);
}
