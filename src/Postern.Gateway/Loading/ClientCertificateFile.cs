using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Gateway.Loading;

/// <summary>A client certificate with its private key from one file: PFX, or PEM with certificate and key in any order.</summary>
internal static class ClientCertificateFile
{
    /// <exception cref="CryptographicException">It is neither, has no private key, or the password is wrong.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static X509Certificate2 Load(string path, string? password)
    {
        var bytes = File.ReadAllBytes(path);
        if (!bytes.AsSpan().StartsWith("-----"u8) && bytes.AsSpan().IndexOf("-----BEGIN "u8) < 0)
        {
            var certificate = X509CertificateLoader.LoadPkcs12(bytes, password);
            return certificate.HasPrivateKey ? certificate : throw new CryptographicException($"'{path}' holds a certificate without its private key.");
        }

        var text = System.Text.Encoding.UTF8.GetString(bytes);
        using var pem = password is not null && text.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal)
            ? X509Certificate2.CreateFromEncryptedPem(text, text, password)
            : X509Certificate2.CreateFromPem(text, text);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
