using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>A host name that a gateway answers to, with its certificate.</summary>
internal sealed class HostnameConfigurationKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/gateways/hostnameConfigurations")
{
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
        var given = change.Properties.Text("certificateId")!;
        var id = References.Absolute(References.ServiceOf(change.Id), given);
        if (id is not null && await services.Store.FindAsync(id, cancellation) is { } certificate
            && ResourceIds.Same(certificate.Type, "Microsoft.ApiManagement/service/certificates"))
        {
            change.Properties["certificateId"] = certificate.Id;
        }
        else
        {
            change.Problem("certificateId", $"The certificate '{given}' does not exist.");
        }

        return null;
    }
}
