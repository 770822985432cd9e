using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Postern.Authority.Assertions;

internal enum KeyFamily
{
    Rsa,
    EllipticCurve,
}

/// <summary>
/// The signature algorithms that assertions may use (RFC 7518 §3.1). Asymmetric ones only, so that no public key can be mistaken for a
/// shared one; <c>none</c> isn't an algorithm here.
/// </summary>
/// <param name="Padding">Only for RSA.</param>
/// <param name="Curve">Object id of the only curve that goes with it; only for elliptic curves.</param>
internal sealed record SignatureAlgorithm(KeyFamily Family, HashAlgorithmName Hash, RSASignaturePadding? Padding, string? Curve)
{
    private static readonly FrozenDictionary<string, SignatureAlgorithm> Known = new Dictionary<string, SignatureAlgorithm>(StringComparer.Ordinal)
    {
        ["RS256"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, null),
        ["RS384"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1, null),
        ["RS512"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1, null),
        ["PS256"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pss, null),
        ["PS384"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA384, RSASignaturePadding.Pss, null),
        ["PS512"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA512, RSASignaturePadding.Pss, null),
        ["ES256"] = new(KeyFamily.EllipticCurve, HashAlgorithmName.SHA256, null, "1.2.840.10045.3.1.7"),
        ["ES384"] = new(KeyFamily.EllipticCurve, HashAlgorithmName.SHA384, null, "1.3.132.0.34"),
        ["ES512"] = new(KeyFamily.EllipticCurve, HashAlgorithmName.SHA512, null, "1.3.132.0.35"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static SignatureAlgorithm? Named(string? name) => name is null ? null : Known.GetValueOrDefault(name);
}
