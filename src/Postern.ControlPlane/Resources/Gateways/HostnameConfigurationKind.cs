using Postern.ControlPlane.Resources.Certificates;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>A host name that a gateway answers to, with its certificate.</summary>
internal sealed class HostnameConfigurationKind(KindServices services) : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/gateways/hostnameConfigurations";

    private static readonly Member[] Declared =
    [
        Member.Text("hostname", 1, 256).Required(),
        Member.Text("certificateId").Required(),
        Member.Flag("negotiateClientCertificate").Or(false),
        Member.Flag("tls10Enabled").Or(false),
        Member.Flag("tls11Enabled").Or(false),
        Member.Flag("http2Enabled").Or(true),
    ];

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override bool HasCount => false;

    public override IReadOnlyList<Member> Members => Declared;

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        if (!IsHostname(change.Properties.Text("hostname")!))
        {
            change.Problem("hostname", "'hostname' must be a host name, '*.' and a host name, or '*'.");
        }

        var given = change.Properties.Text("certificateId")!;
        var id = References.Absolute(References.ServiceOf(change.Id), given);
        if (id is not null && await services.Store.FindAsync(id, cancellation) is { } certificate
            && ResourceIds.Same(certificate.Type, "Microsoft.ApiManagement/service/certificates"))
        {
            change.Properties["certificateId"] = certificate.Id;
            CheckKey(change, certificate);
        }
        else
        {
            change.Problem("certificateId", $"The certificate '{given}' does not exist.");
        }

        return null;
    }

    private static bool IsHostname(string text)
    {
        var name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return text == "*" || Uri.CheckHostName(name) == UriHostNameType.Dns;
    }

    /// <summary>What is in a key vault shows at the gateway only.</summary>
    private void CheckKey(ResourceChange change, ResourceRow row)
    {
        var properties = ArmJson.ParseObject(row.Body).Properties();
        if (services.Secrets.Reveal(row.Id, properties, "data") is not { } data)
        {
            return;
        }

        using var certificate = CertificateFile.Read(data, services.Secrets.Reveal(row.Id, properties, "password"), out _);
        if (certificate is { HasPrivateKey: false })
        {
            change.Problem("certificateId", $"The certificate '{row.Name}' has no private key.");
        }
    }
}
