using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.ControlPlane.Resources.Certificates;

/// <summary>The content of a certificate resource: PKCS #12, or a certificate alone for what needs no private key.</summary>
internal static class CertificateFile
{
    /// <param name="data">Base64.</param>
    /// <param name="problem">What is wrong, when nothing is returned. Tells nothing secret.</param>
    public static X509Certificate2? Read(string data, string? password, out string? problem)
    {
        byte[] file;
        try
        {
            file = Convert.FromBase64String(data);
        }
        catch (FormatException)
        {
            problem = "'data' must be a PKCS #12 file in base64.";
            return null;
        }

        try
        {
            problem = null;
            return X509Certificate2.GetCertContentType(file) == X509ContentType.Cert ? X509CertificateLoader.LoadCertificate(file) : Open(file, password);
        }
        catch (CryptographicException)
        {
            problem = "'data' is no PKCS #12 file that the password opens.";
            return null;
        }
    }

    /// <summary>The one with the private key; the others of the file are its chain.</summary>
    private static X509Certificate2 Open(byte[] file, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(file, password, X509KeyStorageFlags.EphemeralKeySet);
        var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? all.FirstOrDefault() ?? throw new CryptographicException();
        foreach (var other in all.Where(certificate => !ReferenceEquals(certificate, own)))
        {
            other.Dispose();
        }

        return own;
    }
}
