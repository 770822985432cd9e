using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace Postern.Authority.Keys;

/// <summary>An RSA key that signs tokens for a while and stays published until the last of them has expired.</summary>
internal sealed class SigningKey
{
    private const int Bits = 2048;

    private readonly byte[] _privateKey;
    private readonly ConcurrentBag<RSA> _idle = [];

    private SigningKey(string kid, byte[] privateKey, RSAParameters parameters)
    {
        Kid = kid;
        _privateKey = privateKey;
        Modulus = Base64Url.EncodeToString(parameters.Modulus!);
        Exponent = Base64Url.EncodeToString(parameters.Exponent!);
    }

    /// <summary>RFC 7638 thumbprint of the public key.</summary>
    public string Kid { get; }

    public string Modulus { get; }

    public string Exponent { get; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset SignsFrom { get; init; }

    public required DateTimeOffset SignsUntil { get; init; }

    public required DateTimeOffset PublishedUntil { get; init; }

    /// <summary>PKCS #8; leaves the process only sealed.</summary>
    public ReadOnlySpan<byte> PrivateKey => _privateKey;

    public static byte[] NewPrivateKey()
    {
        using var rsa = RSA.Create(Bits);
        return rsa.ExportPkcs8PrivateKey();
    }

    public static SigningKey From(byte[] privateKey, DateTimeOffset created, DateTimeOffset signsFrom, DateTimeOffset signsUntil, DateTimeOffset publishedUntil)
    {
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(privateKey, out _);
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        return new(Thumbprint(parameters), privateKey, parameters)
        {
            Created = created,
            SignsFrom = signsFrom,
            SignsUntil = signsUntil,
            PublishedUntil = publishedUntil,
        };
    }

    /// <summary>The same key with other times.</summary>
    public SigningKey Until(DateTimeOffset signsUntil, DateTimeOffset publishedUntil) =>
        From(_privateKey, Created, SignsFrom, signsUntil, publishedUntil);

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var rsa = Borrow();
        var signature = rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _idle.Add(rsa);
        return signature;
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var rsa = Borrow();
        var valid = rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _idle.Add(rsa);
        return valid;
    }

    /// <summary>One RSA object serves one call at a time.</summary>
    private RSA Borrow()
    {
        if (!_idle.TryTake(out var rsa))
        {
            rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(_privateKey, out _);
        }

        return rsa;
    }

    private static string Thumbprint(RSAParameters key)
    {
        var json = $$"""{"e":"{{Base64Url.EncodeToString(key.Exponent!)}}","kty":"RSA","n":"{{Base64Url.EncodeToString(key.Modulus!)}}"}""";
        return Base64Url.EncodeToString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(json)));
    }

    public void WriteJwk(Utf8JsonWriter writer, string issuer)
    {
        writer.WriteStartObject();
        writer.WriteString("kty", "RSA");
        writer.WriteString("use", "sig");
        writer.WriteString("alg", "RS256");
        writer.WriteString("kid", Kid);
        writer.WriteString("n", Modulus);
        writer.WriteString("e", Exponent);
        writer.WriteString("issuer", issuer);
        writer.WriteEndObject();
    }
}
