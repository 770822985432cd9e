using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Postern.Authority.Tokens;

namespace Postern.Authority.Assertions;

/// <summary>A public key of someone else's, from a certificate or a key set. Too weak and too costly keys are none.</summary>
/// <param name="KeyId">The <c>kid</c>; null where the key has none.</param>
/// <param name="OnlyFor">The one algorithm that the key is meant for; null for any of its family.</param>
internal sealed record VerificationKey(string? KeyId, string? OnlyFor, RSAParameters? Rsa, ECParameters? Curve)
{
    private const int MinRsaBytes = 2048 / 8;
    private const int MaxRsaBytes = 8192 / 8;

    public static VerificationKey? Of(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is not null)
        {
            return Of(null, null, rsa.ExportParameters(false));
        }

        using var curve = certificate.GetECDsaPublicKey();
        return curve is null ? null : new(null, null, null, curve.ExportParameters(false));
    }

    /// <param name="jwk">One entry of a key set (RFC 7517).</param>
    /// <returns>Null for a key that doesn't sign, of a kind that isn't known, or that is malformed.</returns>
    public static VerificationKey? Of(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || CompactJws.Text(jwk, "use") is not (null or "sig"))
        {
            return null;
        }

        var (id, only) = (CompactJws.Text(jwk, "kid"), CompactJws.Text(jwk, "alg"));
        return CompactJws.Text(jwk, "kty") switch
        {
            "RSA" when Bytes(jwk, "n") is { } modulus && Bytes(jwk, "e") is { } exponent => Of(id, only, new() { Modulus = modulus, Exponent = exponent }),
            "EC" when Bytes(jwk, "x") is { } x && Bytes(jwk, "y") is { } y && NamedCurve(CompactJws.Text(jwk, "crv")) is { } curve =>
                new(id, only, null, new() { Curve = curve, Q = new() { X = x, Y = y } }),
            _ => null,
        };
    }

    /// <summary>False also when the key is of another family or curve than the algorithm.</summary>
    public bool Verifies(string algorithmName, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (SignatureAlgorithm.Named(algorithmName) is not { } algorithm || (OnlyFor is not null && OnlyFor != algorithmName))
        {
            return false;
        }

        try
        {
            return algorithm.Family switch
            {
                KeyFamily.Rsa when Rsa is { } parameters => VerifyRsa(parameters, algorithm, signed, signature),
                KeyFamily.EllipticCurve when Curve is { } parameters && parameters.Curve.Oid.Value == algorithm.Curve =>
                    VerifyCurve(parameters, algorithm, signed, signature),
                _ => false,
            };
        }
        catch (CryptographicException)
        {
            // A point that isn't on its curve, a modulus that isn't one: nothing that it could have signed.
            return false;
        }
    }

    private static VerificationKey? Of(string? id, string? only, RSAParameters rsa) =>
        rsa.Modulus!.Length is >= MinRsaBytes and <= MaxRsaBytes && rsa.Exponent!.Length <= 8 ? new(id, only, rsa, null) : null;

    private static bool VerifyRsa(RSAParameters parameters, SignatureAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        using var rsa = RSA.Create(parameters);
        return rsa.VerifyData(signed, signature, algorithm.Hash, algorithm.Padding!);
    }

    private static bool VerifyCurve(ECParameters parameters, SignatureAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        using var curve = ECDsa.Create(parameters);
        return curve.VerifyData(signed, signature, algorithm.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static byte[]? Bytes(JsonElement jwk, string name) =>
        CompactJws.Text(jwk, name) is { Length: > 0 and <= 2048 } text ? StrictBase64Url.Decode(text) : null;

    /// <summary>By object id: the parameters are compared with the algorithm's.</summary>
    private static ECCurve? NamedCurve(string? name) => name switch
    {
        "P-256" => ECCurve.CreateFromValue("1.2.840.10045.3.1.7"),
        "P-384" => ECCurve.CreateFromValue("1.3.132.0.34"),
        "P-521" => ECCurve.CreateFromValue("1.3.132.0.35"),
        _ => null,
    };
}
