using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>A certificate of the service, by its name, that a gateway trusts or not.</summary>
internal sealed class CertificateAuthorityKind(KindServices services) : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/gateways/certificateAuthorities";

    private static readonly Member[] Declared = [Member.Flag("isTrusted").Or(false)];

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override bool HasCount => false;

    public override IReadOnlyList<Member> Members => Declared;

    /// <summary>The certificate of the same name.</summary>
    public static string CertificateOf(string authorityId) => $"{References.ServiceOf(authorityId)}/certificates/{ResourceIds.NameOf(authorityId)}";

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var id = CertificateOf(change.Id);
        return await services.Store.FindAsync(id, cancellation) is null ? ArmErrors.NotFound(id) : null;
    }
}
