namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>A certificate of the service, by its name, that a gateway trusts or not.</summary>
internal sealed class CertificateAuthorityKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/gateways/certificateAuthorities")
{
    private static readonly Member[] Declared = [Member.Flag("isTrusted").Or(false)];

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override bool HasCount => false;

    public override IReadOnlyList<Member> Members => Declared;

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var id = $"{References.ServiceOf(change.Id)}/certificates/{change.Name}";
        return await services.Store.FindAsync(id, cancellation) is null ? ArmErrors.NotFound(id) : null;
    }
}
