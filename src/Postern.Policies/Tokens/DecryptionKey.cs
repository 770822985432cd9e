using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Policies.Tokens;

/// <summary>A key that encrypted tokens are opened with: a secret, or the private key of a certificate.</summary>
internal sealed class DecryptionKey
{
    private readonly byte[]? _secret;
    private readonly X509Certificate2? _certificate;

    public DecryptionKey(byte[] secret, string? id) => (_secret, Id) = (secret, id);

    public DecryptionKey(X509Certificate2 certificate, string? id) => (_certificate, Id) = (certificate, id);

    /// <summary>Null: any token may be tried with it.</summary>
    public string? Id { get; }

    /// <summary>
    /// The key that the content is encrypted with. RSA with PKCS#1 v1.5 padding is not among them: its errors are an oracle.
    /// </summary>
    /// <returns>Null when this key does not open it.</returns>
    public byte[]? ContentKey(string algorithm, byte[] encryptedKey)
    {
        try
        {
            return algorithm switch
            {
                "dir" when _secret is not null && encryptedKey.Length == 0 => _secret,
                "A128KW" when _secret is { Length: 16 } => AesKeyUnwrap.Unwrap(_secret, encryptedKey),
                "A192KW" when _secret is { Length: 24 } => AesKeyUnwrap.Unwrap(_secret, encryptedKey),
                "A256KW" when _secret is { Length: 32 } => AesKeyUnwrap.Unwrap(_secret, encryptedKey),
                "RSA-OAEP" => Rsa(encryptedKey, RSAEncryptionPadding.OaepSHA1),
                "RSA-OAEP-256" => Rsa(encryptedKey, RSAEncryptionPadding.OaepSHA256),
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private byte[]? Rsa(byte[] encryptedKey, RSAEncryptionPadding padding)
    {
        using var rsa = _certificate?.GetRSAPrivateKey();
        return rsa?.Decrypt(encryptedKey, padding);
    }
}
