using System.Security.Cryptography;

namespace Postern.Policies.Tokens;

/// <summary>
/// Signature algorithms that this gateway verifies. A key decides which of them it takes, so a token can't turn a public key into an
/// HMAC secret; <c>none</c> is in no list.
/// </summary>
internal static class TokenAlgorithm
{
    public static HashAlgorithmName? Hmac(string name) => name is "HS256" or "HS384" or "HS512" ? Hash(name) : null;

    public static (HashAlgorithmName Hash, RSASignaturePadding Padding)? Rsa(string name) => name switch
    {
        "RS256" or "RS384" or "RS512" => (Hash(name), RSASignaturePadding.Pkcs1),
        "PS256" or "PS384" or "PS512" => (Hash(name), RSASignaturePadding.Pss),
        _ => null,
    };

    /// <param name="bits">Size of the key's curve: each algorithm has one curve.</param>
    public static HashAlgorithmName? Ecdsa(string name, int bits) => (name, bits) switch
    {
        ("ES256", 256) or ("ES384", 384) or ("ES512", 521) => Hash(name),
        _ => null,
    };

    private static HashAlgorithmName Hash(string name) => name[2..] switch
    {
        "256" => HashAlgorithmName.SHA256,
        "384" => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };
}
