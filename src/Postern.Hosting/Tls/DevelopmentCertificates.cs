using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Hosting.Tls;

/// <summary>
/// A certificate authority of this data folder and the server certificates it signs, made on first use. For development, tests and
/// air-gapped trials: the private key of the authority stays in the folder with mode 0600.
/// </summary>
public sealed class DevelopmentCertificates
{
    private readonly TimeProvider _time;
    private readonly X509Certificate2 _authority;

    private DevelopmentCertificates(string caFile, X509Certificate2 authority, TimeProvider time)
    {
        CaFile = caFile;
        _authority = authority;
        _time = time;
    }

    /// <summary>PEM file with the authority's certificate, for clients to trust.</summary>
    public string CaFile { get; }

    public X509Certificate2 Authority => X509CertificateLoader.LoadCertificate(_authority.RawData);

    /// <param name="folder">Created when absent; holds <c>ca.pem</c> and <c>ca.key</c>.</param>
    public static DevelopmentCertificates LoadOrCreate(string folder, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        var caFile = Path.Combine(Path.GetFullPath(folder), "ca.pem");
        var keyFile = Path.Combine(Path.GetFullPath(folder), "ca.key");
        if (!File.Exists(caFile) || !File.Exists(keyFile))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=Postern development authority", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
            var now = time.GetUtcNow();
            using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
            PrivateFile.Write(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
            File.WriteAllText(caFile, made.ExportCertificatePem() + "\n");
        }

        return new(caFile, X509Certificate2.CreateFromPemFile(caFile, keyFile), time);
    }

    /// <summary>A server certificate for the given host names and addresses, valid for 397 days, with its private key.</summary>
    public X509Certificate2 IssueServer(params IReadOnlyList<string> names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(SubjectNames.Create(names));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = _time.GetUtcNow();
        var notAfter = now.AddDays(397) < _authority.NotAfter ? now.AddDays(397) : new DateTimeOffset(_authority.NotAfter);
        using var signed = request.Create(_authority, now.AddHours(-1), notAfter, RandomNumberGenerator.GetBytes(16));
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A server certificate for this machine's loopback names.</summary>
    public X509Certificate2 IssueLoopback() => IssueServer("localhost", "127.0.0.1", "::1");
}
