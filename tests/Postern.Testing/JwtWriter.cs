using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Postern.Testing;

/// <summary>Makes JWTs, right ones and wrong ones.</summary>
public static class JwtWriter
{
    /// <param name="header">Its <c>alg</c> is set when absent.</param>
    public static string Sign(JsonObject header, JsonObject claims, AsymmetricAlgorithm key, string algorithm)
    {
        header["alg"] ??= algorithm;
        var signed = $"{Encode(header.ToJsonString())}.{Encode(claims.ToJsonString())}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = (key, algorithm) switch
        {
            (RSA rsa, "RS256") => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            (RSA rsa, "PS256") => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            (ECDsa curve, "ES256") => curve.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            _ => throw new ArgumentException($"{algorithm} doesn't go with {key.GetType().Name}", nameof(algorithm)),
        };
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>An HS256 token: what a verifier that mixes up keys would accept with a public key as the secret.</summary>
    public static string Mac(JsonObject header, JsonObject claims, ReadOnlySpan<byte> secret)
    {
        header["alg"] = "HS256";
        var signed = $"{Encode(header.ToJsonString())}.{Encode(claims.ToJsonString())}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
