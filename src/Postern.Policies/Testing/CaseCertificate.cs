using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Policies.Testing;

/// <summary>
/// A certificate of a case: <c>--- certificate NAME [rsa] [authority] [issuer=NAME] [from=DATE] [to=DATE] [dns=NAME]</c>, then its subject.
/// </summary>
internal static class CaseCertificate
{
    public static X509Certificate2 Create(string subject, CaseWords words, X509Certificate2? issuer)
    {
        var name = new X500DistinguishedName(subject);
        using var rsa = words.Has("rsa") ? RSA.Create(2048) : null;
        using var ecdsa = rsa is null ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
        var request = rsa is null
            ? new CertificateRequest(name, ecdsa!, HashAlgorithmName.SHA256)
            : new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(words.Has("authority"), false, 0, true));
        if (words["dns"] is { } dns)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(dns);
            request.CertificateExtensions.Add(names.Build());
        }

        var (from, to) = (Date(words["from"] ?? "2025-01-01"), Date(words["to"] ?? "2035-01-01"));
        if (issuer is null)
        {
            return request.CreateSelfSigned(from, to);
        }

        using var signed = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), from, to, RandomNumberGenerator.GetBytes(8));
        return rsa is null ? signed.CopyWithPrivateKey(ecdsa!) : signed.CopyWithPrivateKey(rsa);
    }

    private static DateTimeOffset Date(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
