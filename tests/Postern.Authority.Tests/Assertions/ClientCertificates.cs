using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Authority.Tests.Assertions;

/// <summary>Self-signed certificates of clients, made once.</summary>
internal static class ClientCertificates
{
    private static readonly Lazy<X509Certificate2> FirstOne = new(() => Make(RSA.Create(2048)));
    private static readonly Lazy<X509Certificate2> OtherOne = new(() => Make(RSA.Create(2048)));
    private static readonly Lazy<X509Certificate2> CurveOne = new(() => Make(ECDsa.Create(ECCurve.NamedCurves.nistP256)));

    public static X509Certificate2 First => FirstOne.Value;

    public static X509Certificate2 Other => OtherOne.Value;

    public static X509Certificate2 Curve => CurveOne.Value;

    public static X509Certificate2 Make(AsymmetricAlgorithm key)
    {
        var request = key is RSA rsa
            ? new CertificateRequest("CN=client", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=client", (ECDsa)key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }
}
