using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Policies.Certificates;
using Postern.Snapshots;

namespace Postern.Gateway.Certificates;

/// <summary>An uploaded certificate, opened. It stays the same object while its entity does; what runs with it may outlive its state.</summary>
internal sealed class CertificateState
{
    private readonly X509Certificate2Collection _beside = [];
    private SslStreamCertificateContext? _served;

    /// <exception cref="FormatException">It cannot be opened.</exception>
    public CertificateState(CertificateSnapshot snapshot)
    {
        Snapshot = snapshot;
        try
        {
            Certificate = new SharedCertificate(snapshot.Pkcs12 is { } file ? Open(Convert.FromBase64String(file), snapshot.Password)
                : snapshot.Certificate is { } alone ? X509CertificateLoader.LoadCertificate(Convert.FromBase64String(alone))
                : throw new FormatException("its content is in a key vault that was not reached."));
        }
        catch (CryptographicException broken)
        {
            throw new FormatException($"it cannot be opened: {broken.Message}", broken);
        }
    }

    public CertificateSnapshot Snapshot { get; }

    public X509Certificate2 Certificate { get; }

    /// <summary>Certificate, key and the chain that goes with it, for servers.</summary>
    /// <exception cref="FormatException">It has no private key.</exception>
    public SslStreamCertificateContext Served => _served ??= Certificate.HasPrivateKey
        ? SslStreamCertificateContext.Create(Certificate, _beside, offline: true)
        : throw new FormatException("it has no private key.");

    /// <summary>Expressions that verify it do so as this configuration says.</summary>
    public void Judge(CertificateTrust trust) => CertificateTrust.Remember(Certificate, trust);

    private X509Certificate2 Open(byte[] file, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(file, password);
        var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? all.FirstOrDefault() ?? throw new FormatException("the file is empty.");
        _beside.AddRange(all.Where(certificate => !ReferenceEquals(certificate, own)).ToArray());
        return own;
    }
}
