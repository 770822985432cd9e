using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Postern.Policies.Tokens;

/// <summary>Reads a JSON web key set. Only public keys for signatures count: a published secret is nobody's secret.</summary>
internal static class PublishedKeys
{
    private const int Most = 200;

    /// <summary>Keys that can't be used are left out.</summary>
    /// <exception cref="InvalidDataException">It is no key set, or has no usable key.</exception>
    public static IReadOnlyList<TokenKey> Read(byte[] json)
    {
        if (TokenText.Object(json) is not { } set || !set.TryGetProperty("keys", out var items) || items.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException("The key set is not a JSON object with an array 'keys'.");
        }

        TokenKey[] keys = [.. items.EnumerateArray().Take(Most).Select(Read).OfType<TokenKey>()];
        return keys.Length > 0 ? keys : throw new InvalidDataException("The key set has no key that signatures can be verified with.");
    }

    private static TokenKey? Read(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || TokenText.Member(item, "use") is not (null or "sig"))
        {
            return null;
        }

        try
        {
            var (id, thumbprint, only) = (TokenText.Member(item, "kid"), TokenText.Member(item, "x5t"), TokenText.Member(item, "alg"));
            return TokenText.Member(item, "kty") switch
            {
                "RSA" when Rsa(item) is { } rsa => new RsaTokenKey(rsa) { Id = id, Thumbprint = thumbprint, OnlyFor = only },
                "EC" when Ecdsa(item) is { } curve => new EcdsaTokenKey(curve) { Id = id, Thumbprint = thumbprint, OnlyFor = only },
                _ => null,
            };
        }
        catch (Exception problem) when (problem is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private static RSAParameters? Rsa(JsonElement item)
    {
        if (Number(item, "n") is { } modulus && Number(item, "e") is { } exponent)
        {
            return Rsa(modulus, exponent);
        }

        if (!item.TryGetProperty("x5c", out var chain) || chain.ValueKind != JsonValueKind.Array
            || chain.EnumerateArray().FirstOrDefault() is not { ValueKind: JsonValueKind.String } first)
        {
            return null;
        }

        using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(TokenText.Text(first) ?? ""));
        using var rsa = certificate.GetRSAPublicKey();
        return rsa is { KeySize: >= TokenKey.LeastRsaBits } ? rsa.ExportParameters(false) : null;
    }

    /// <returns>Null when the key is too small, or no key.</returns>
    public static RSAParameters? Rsa(byte[] modulus, byte[] exponent)
    {
        var parameters = new RSAParameters { Modulus = modulus, Exponent = exponent };
        try
        {
            using var key = RSA.Create(parameters);
            return key.KeySize >= TokenKey.LeastRsaBits ? parameters : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static ECParameters? Ecdsa(JsonElement item)
    {
        (ECCurve, int)? known = TokenText.Member(item, "crv") switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48),
            "P-521" => (ECCurve.NamedCurves.nistP521, 66),
            _ => null,
        };
        if (known is not var (curve, length) || Number(item, "x") is not { } x || Number(item, "y") is not { } y || x.Length != length || y.Length != length)
        {
            return null;
        }

        var parameters = new ECParameters { Curve = curve, Q = new() { X = x, Y = y } };
        using var checkedPoint = ECDsa.Create(parameters);
        return parameters;
    }

    private static byte[]? Number(JsonElement item, string name) =>
        TokenText.Member(item, name) is { Length: > 0 and < 4096 } text ? TokenText.Bytes(text) : null;
}
