using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Policies.Tokens;

/// <summary>A key that signatures are verified with.</summary>
internal abstract class TokenKey
{
    /// <summary>Bits of the smallest RSA key that is accepted, as RFC 7518 demands.</summary>
    public const int LeastRsaBits = 2048;

    /// <summary>Bytes of the shortest HMAC secret that is accepted.</summary>
    public const int LeastSecretBytes = 16;

    /// <summary>Null for a key that any token may be tried with.</summary>
    public string? Id { get; init; }

    /// <summary>SHA-1 thumbprint of its certificate, Base64url.</summary>
    public string? Thumbprint { get; init; }

    /// <summary>The only algorithm it is meant for; null for all that it can.</summary>
    public string? OnlyFor { get; init; }

    public bool Fits(CompactToken token) => (OnlyFor is null || OnlyFor == token.Algorithm) && Takes(token.Algorithm) && IsNamedBy(token);

    /// <summary>The algorithm must be one that the key <see cref="Fits"/>.</summary>
    public abstract bool Verify(string algorithm, byte[] input, byte[] signature);

    protected abstract bool Takes(string algorithm);

    private bool IsNamedBy(CompactToken token)
    {
        if (Id is null && Thumbprint is null)
        {
            return true;
        }

        if (token.KeyId is null && token.Thumbprint is null)
        {
            return true;
        }

        return (token.KeyId is not null && (token.KeyId == Id || token.KeyId == Thumbprint)) || (token.Thumbprint is not null && token.Thumbprint == Thumbprint);
    }

    /// <returns>Null when the certificate's key is of no use here.</returns>
    public static TokenKey? From(X509Certificate2 certificate, string? id)
    {
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is not null)
        {
            return rsa.KeySize < LeastRsaBits ? null : new RsaTokenKey(rsa.ExportParameters(false)) { Id = id };
        }

        using var ecdsa = certificate.GetECDsaPublicKey();
        return ecdsa is null ? null : new EcdsaTokenKey(ecdsa.ExportParameters(false)) { Id = id };
    }
}

internal sealed class SecretTokenKey(byte[] secret) : TokenKey
{
    public override bool Verify(string algorithm, byte[] input, byte[] signature) =>
        CryptographicOperations.FixedTimeEquals(CryptographicOperations.HmacData(TokenAlgorithm.Hmac(algorithm)!.Value, secret, input), signature);

    protected override bool Takes(string algorithm) => TokenAlgorithm.Hmac(algorithm) is not null;
}

internal sealed class RsaTokenKey(RSAParameters parameters) : TokenKey
{
    /// <summary>One per thread that verifies at the same time: these objects are not meant to be shared.</summary>
    private readonly ConcurrentBag<RSA> _idle = [];

    public override bool Verify(string algorithm, byte[] input, byte[] signature)
    {
        var (hash, padding) = TokenAlgorithm.Rsa(algorithm)!.Value;
        var key = _idle.TryTake(out var idle) ? idle : RSA.Create(parameters);
        var holds = key.VerifyData(input, signature, hash, padding);
        _idle.Add(key);
        return holds;
    }

    protected override bool Takes(string algorithm) => TokenAlgorithm.Rsa(algorithm) is not null;
}

internal sealed class EcdsaTokenKey(ECParameters parameters) : TokenKey
{
    private readonly ConcurrentBag<ECDsa> _idle = [];
    private readonly int _bits = Bits(parameters.Curve);

    public override bool Verify(string algorithm, byte[] input, byte[] signature)
    {
        var key = _idle.TryTake(out var idle) ? idle : ECDsa.Create(parameters);
        var holds = key.VerifyData(input, signature, TokenAlgorithm.Ecdsa(algorithm, _bits)!.Value, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        _idle.Add(key);
        return holds;
    }

    protected override bool Takes(string algorithm) => TokenAlgorithm.Ecdsa(algorithm, _bits) is not null;

    /// <summary>0 for a curve that no algorithm uses. secp256k1 also has 256 bits, so the curve counts, not the size.</summary>
    private static int Bits(ECCurve curve) => curve.Oid?.Value switch
    {
        "1.2.840.10045.3.1.7" => 256,
        "1.3.132.0.34" => 384,
        "1.3.132.0.35" => 521,
        _ => 0,
    };
}
