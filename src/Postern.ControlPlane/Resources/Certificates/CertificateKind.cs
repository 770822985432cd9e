using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.NamedValues;

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
        Actions = new Dictionary<string, ResourceAction>(StringComparer.OrdinalIgnoreCase) { ["refreshSecret"] = RefreshAsync };
    }

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override IReadOnlyList<Member> Members => Declared;

    public override IReadOnlyDictionary<string, ResourceAction> Actions { get; }

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
            Read(change, data, properties.Text("password"));
        }
        else if (properties["data"] is null)
        {
            change.Problem("data", "'data' or 'keyVault' must be given.");
        }

        return default;
    }

    private static void Read(ResourceChange change, string data, string? password)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(data), password, X509KeyStorageFlags.EphemeralKeySet);
            change.Properties["subject"] = certificate.Subject;
            change.Properties["thumbprint"] = certificate.Thumbprint;
            change.Properties["expirationDate"] = ArmEnvelope.Time(certificate.NotAfter.ToUniversalTime());
        }
        catch (FormatException)
        {
            change.Problem("data", "'data' must be a PKCS #12 file in base64.");
        }
        catch (CryptographicException)
        {
            change.Problem("data", "'data' is no PKCS #12 file that the password opens.");
        }
    }

    private async ValueTask<ArmResponse> RefreshAsync(ActionCall call, CancellationToken cancellation) =>
        call.Properties["keyVault"] is null
            ? ArmErrors.BadRequest("Only a certificate that refers to a key vault can be refreshed.", call.Row.Name)
            : ArmResponse.Ok((await _services.Envelope.PresentAsync(this, new(call.Row, call.Call, InList: false), cancellation))!, call.Row.ETag);
}
