using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Gateways;
using Postern.ControlPlane.Resources.NamedValues;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Certificates;

/// <summary>A client or server certificate with its key. The file and its password never come back.</summary>
internal sealed class CertificateKind : ResourceKind
{
    private static readonly Member[] Declared =
    [
        Member.Text("data").Secret(),
        Member.Text("password").Secret(),
        Member.Object("keyVault", Member.Text("secretIdentifier", 1).Required(), Member.Text("identityClientId")),
        Member.Text("subject").ReadOnly(),
        Member.Text("thumbprint").ReadOnly(),
        Member.Time("expirationDate").ReadOnly(),
    ];

    private readonly KindServices _services;

    public CertificateKind(KindServices services)
        : base("Microsoft.ApiManagement/service/certificates")
    {
        _services = services;
        Actions = new Dictionary<string, ResourceAction>(StringComparer.OrdinalIgnoreCase)
        {
            ["refreshSecret"] = RefreshAsync,
            ["listSecrets"] = ListSecretsAsync,
        };
    }

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override IReadOnlyList<Member> Members => Declared;

    public override IReadOnlyDictionary<string, ResourceAction> Actions { get; }

    /// <summary>Whoever manages a service may replace a private key, but has no need of it.</summary>
    public override IReadOnlyCollection<string> DataActions => ["listSecrets"];

    public override bool HasWish(ArmQuery query) => query.IsTrue("isKeyVaultRefreshFailed");

    /// <summary>With <c>isKeyVaultRefreshFailed</c> only references whose last status is a failure.</summary>
    public override bool IsWanted(ArmQuery query, JsonObject resource) =>
        !HasWish(query) || (resource.Properties()["keyVault"]?["lastStatus"]?["code"] is JsonValue code && (string?)code != "Success");

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var properties = change.Properties;
        if (properties["keyVault"] is JsonObject vault)
        {
            properties.Remove("data");
            properties.Remove("password");
            KeyVaultReference.Judge(change, vault, _services.Time.GetUtcNow());
        }
        else if (properties.Text("data") is { } data)
        {
            // A file without a password has none, whatever the one before it had.
            if (properties.Text("password") is null)
            {
                properties.Remove("password");
            }

            Read(change, data, properties.Text("password"), _services.Time.GetUtcNow());
        }
        else if (properties["data"] is null)
        {
            change.Problem("data", "'data' or 'keyVault' must be given.");
        }

        return default;
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        foreach (var hostname in await _services.Store.ListAsync("", HostnameConfigurationKind.TypeName, 0, null, cancellation))
        {
            if (ArmJson.ParseObject(hostname.Body).Properties().Text("certificateId") is { } used && ResourceIds.Same(used, removal.Row.Id))
            {
                return ArmErrors.BadRequest($"The certificate is in use by the host name configuration '{hostname.Name}'.", hostname.Id);
            }
        }

        foreach (var authority in await _services.Store.ListAsync("", CertificateAuthorityKind.TypeName, 0, null, cancellation))
        {
            if (ResourceIds.Same(CertificateAuthorityKind.CertificateOf(authority.Id), removal.Row.Id))
            {
                return ArmErrors.BadRequest($"The certificate is in use by the certificate authority '{authority.Name}'.", authority.Id);
            }
        }

        return null;
    }

    private static void Read(ResourceChange change, string data, string? password, DateTimeOffset now)
    {
        using var certificate = CertificateFile.Read(data, password, out var problem);
        if (certificate is null)
        {
            change.Problem("data", problem!);
            return;
        }

        if (certificate.NotAfter.ToUniversalTime() < now)
        {
            change.Problem("data", $"The certificate expired on {ArmEnvelope.Time(certificate.NotAfter.ToUniversalTime())}.");
            return;
        }

        change.Properties["subject"] = certificate.Subject;
        change.Properties["thumbprint"] = certificate.Thumbprint;
        change.Properties["expirationDate"] = ArmEnvelope.Time(certificate.NotAfter.ToUniversalTime());
    }

    /// <summary>Ours and not the contract's: without it no backup of a service could be whole.</summary>
    private ValueTask<ArmResponse> ListSecretsAsync(ActionCall call, CancellationToken cancellation) => new(ArmResponse.Ok(
        new JsonObject
        {
            ["data"] = _services.Secrets.Reveal(call.Row.Id, call.Properties, "data"),
            ["password"] = _services.Secrets.Reveal(call.Row.Id, call.Properties, "password"),
        },
        call.Row.ETag));

    private async ValueTask<ArmResponse> RefreshAsync(ActionCall call, CancellationToken cancellation) =>
        call.Properties["keyVault"] is null
            ? ArmErrors.BadRequest("Only a certificate that refers to a key vault can be refreshed.", call.Row.Name)
            : ArmResponse.Ok((await _services.Envelope.PresentAsync(this, new(call.Row, call.Call, InList: false), cancellation))!, call.Row.ETag);
}
