using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Hosting.Tls;

namespace Postern.Testing;

/// <summary>An authority of certificates for one test: a root, or one that another signed.</summary>
public sealed class TestAuthority
{
    /// <summary>One for all: making them is what takes time.</summary>
    private static readonly Lazy<RSA> LeafKey = new(() => RSA.Create(2048));

    private readonly Uri? _revocationList;
    private readonly Uri? _responder;
    private readonly CertificateRevocationListBuilder _revoked = new();
    private long _listNumber;

    private TestAuthority(X509Certificate2 certificate, Uri? revocationList, Uri? responder = null)
    {
        Certificate = certificate;
        _responder = responder;
        _revocationList = revocationList;
    }

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem();

    /// <param name="revocationList">Where what this authority issues says that its revocation list is.</param>
    /// <param name="responder">Where it says that questions about revocation are answered.</param>
    public static TestAuthority Root(string name = "CN=Test root", Uri? revocationList = null, Uri? responder = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = Request(name, key).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-2), TimeProvider.System.GetUtcNow().AddYears(5));
        return new(Keep(made), revocationList, responder);
    }

    public TestAuthority Intermediate(string name = "CN=Test intermediate")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(Sign(Request(name, key), key, TimeProvider.System.GetUtcNow().AddDays(-2), TimeProvider.System.GetUtcNow().AddYears(4)), null);
    }

    /// <param name="names">DNS names and addresses.</param>
    public X509Certificate2 Server(params IReadOnlyList<string> names) => Leaf($"CN={names[0].Replace("*", "any", StringComparison.Ordinal)}", names, "1.3.6.1.5.5.7.3.1", days: 300);

    /// <param name="days">Until it expires; negative when it has.</param>
    public X509Certificate2 Client(string subject = "CN=client", int days = 300) => Leaf(subject, [], "1.3.6.1.5.5.7.3.2", days);

    public X509Certificate2 ServerUntil(int days, params IReadOnlyList<string> names) => Leaf($"CN={names[0]}", names, "1.3.6.1.5.5.7.3.1", days);

    public void Revoke(X509Certificate2 certificate) => _revoked.AddEntry(certificate);

    /// <summary>The list as of now, DER.</summary>
    public byte[] RevocationList() => _revoked.Build(Certificate, ++_listNumber, TimeProvider.System.GetUtcNow().AddDays(1), HashAlgorithmName.SHA256);

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private X509Certificate2 Leaf(string subject, IReadOnlyList<string> names, string usage, int days)
    {
        // RSA, so that every cipher suite and protocol version can use it.
        var key = LeafKey.Value;
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (names.Count > 0)
        {
            request.CertificateExtensions.Add(SubjectNames.Create(names));
        }

        return Sign(request, key, TimeProvider.System.GetUtcNow().AddDays(Math.Min(-1, days - 1)), TimeProvider.System.GetUtcNow().AddDays(days));
    }

    private X509Certificate2 Sign(CertificateRequest request, AsymmetricAlgorithm key, DateTimeOffset from, DateTimeOffset to)
    {
        if (_revocationList is not null)
        {
            request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([_revocationList.ToString()]));
        }

        if (_responder is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([_responder.ToString()], []));
        }

        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        var generator = X509SignatureGenerator.CreateForECDsa(Certificate.GetECDsaPrivateKey()!);
        using var signed = request.Create(Certificate.SubjectName, generator, from, to, RandomNumberGenerator.GetBytes(16));
        using var withKey = key is RSA rsa ? signed.CopyWithPrivateKey(rsa) : signed.CopyWithPrivateKey((ECDsa)key);
        return Keep(withKey);
    }

    private static X509Certificate2 Keep(X509Certificate2 certificate) => X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
}
