using System.Runtime.CompilerServices;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Resources.Certificates;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>Uploaded certificates, for gateways that use them; the private key only for those that use that.</summary>
internal sealed class CertificatePublishing : PublishedKind
{
    private static readonly ConditionalWeakTable<Published, Published> WithoutKeys = [];

    public override string Type => "/certificates";

    public override IEnumerable<string> NamedIn(string document) => CertificateMentions.Of(document);

    public override SnapshotEntity? Read(PublishedRow row)
    {
        var data = row.Secrets.Reveal(row.Row.Id, row.Properties, "data");
        var password = row.Secrets.Reveal(row.Row.Id, row.Properties, "password");
        if (data is null)
        {
            return new CertificateSnapshot(row.Name, null, null, null);
        }

        using var certificate = CertificateFile.Read(data, password, out var problem);
        return certificate is null || problem is not null
            ? new CertificateSnapshot(row.Name, null, null, null)
            : new CertificateSnapshot(row.Name, Convert.ToBase64String(certificate.RawDataMemory.Span), certificate.HasPrivateKey ? data : null, certificate.HasPrivateKey ? password : null);
    }

    public override bool IsNeeded(ModelPart part, GatewayNeeds needs) => needs.Certificates.Of((CertificateSnapshot)part.Entity.Entity) != CertificateNeed.None;

    public override Published For(ModelPart part, GatewayNeeds needs) => needs.Certificates.Of((CertificateSnapshot)part.Entity.Entity) == CertificateNeed.WithKey
        ? part.Entity
        : WithoutKeys.GetValue(part.Entity, static whole => new((CertificateSnapshot)whole.Entity with { Pkcs12 = null, Password = null }));
}
