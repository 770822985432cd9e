using System.Security.Cryptography.X509Certificates;

namespace Postern.Commands;

/// <summary>The server certificate of a role: PEM files, read once at the start.</summary>
internal static class RoleCertificate
{
    /// <exception cref="FormatException">A setting is missing.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The files hold no certificate with its key.</exception>
    public static X509Certificate2 Load(RoleSettings values)
    {
        using var pem = X509Certificate2.CreateFromPemFile(
            values.Require("tls.certificatePath", "the server certificate, PEM"), values.Require("tls.keyPath", "its private key, PEM"));
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
