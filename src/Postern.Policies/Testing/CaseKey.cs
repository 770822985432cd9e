using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Policies.Tokens;

namespace Postern.Policies.Testing;

/// <summary>A key of a case: <c>rsa</c>, <c>ec</c>, or a secret of so many bytes.</summary>
internal sealed class CaseKey
{
    private readonly string _name;
    private readonly RSA? _rsa;
    private readonly ECDsa? _ecdsa;
    private readonly byte[]? _secret;

    private CaseKey(string name, RSA? rsa, ECDsa? ecdsa, byte[]? secret) => (_name, _rsa, _ecdsa, _secret) = (name, rsa, ecdsa, secret);

    public string Secret => Convert.ToBase64String(_secret!);

    public byte[] SecretBytes => _secret!;

    public string Modulus => Base64Url.EncodeToString(_rsa!.ExportParameters(false).Modulus);

    public string Exponent => Base64Url.EncodeToString(_rsa!.ExportParameters(false).Exponent);

    public static CaseKey Create(string name, string kind) => kind switch
    {
        "rsa" => new(name, RSA.Create(2048), null, null),
        "rsa-1024" => new(name, RSA.Create(1024), null, null),
        "ec" or "ec-256" => new(name, null, ECDsa.Create(ECCurve.NamedCurves.nistP256), null),
        "ec-384" => new(name, null, ECDsa.Create(ECCurve.NamedCurves.nistP384), null),
        "ec-521" => new(name, null, ECDsa.Create(ECCurve.NamedCurves.nistP521), null),
        _ => new(name, null, null, RandomNumberGenerator.GetBytes(int.Parse(kind, System.Globalization.CultureInfo.InvariantCulture))),
    };

    public static CaseKey From(string name, X509Certificate2 certificate) => new(name, certificate.GetRSAPrivateKey(), certificate.GetECDsaPrivateKey(), null);

    /// <summary>As an issuer publishes it.</summary>
    public string Published()
    {
        if (_rsa is not null)
        {
            return $$"""{"kty":"RSA","use":"sig","kid":"{{_name}}","n":"{{Modulus}}","e":"{{Exponent}}"}""";
        }

        if (_ecdsa is not null)
        {
            var point = _ecdsa.ExportParameters(false).Q;
            return $$"""{"kty":"EC","use":"sig","kid":"{{_name}}","crv":"P-{{_ecdsa.KeySize}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
        }

        return $$"""{"kty":"oct","kid":"{{_name}}","k":"{{Base64Url.EncodeToString(_secret)}}"}""";
    }

    /// <summary>Signs as told. An HMAC with a public key signs with its published form: that is how such forgeries are made.</summary>
    public byte[] Sign(string algorithm, byte[] input)
    {
        if (TokenAlgorithm.Hmac(algorithm) is { } hmac)
        {
            return CryptographicOperations.HmacData(hmac, _secret ?? Encoding.UTF8.GetBytes(Published()), input);
        }

        if (TokenAlgorithm.Rsa(algorithm) is var (hash, padding))
        {
            return _rsa!.SignData(input, hash, padding);
        }

        return _ecdsa!.SignData(input, TokenAlgorithm.Ecdsa(algorithm, _ecdsa.KeySize)!.Value, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
