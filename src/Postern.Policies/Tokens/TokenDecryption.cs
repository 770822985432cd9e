using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Postern.Policies.Tokens;

/// <summary>Opens encrypted tokens. What comes out is authenticated by the key, but says nothing about who signed it.</summary>
internal static class TokenDecryption
{
    /// <summary>Keys are tried one after another.</summary>
    /// <returns>Null when none opens it.</returns>
    public static byte[]? Open(CompactToken token, IEnumerable<DecryptionKey> keys)
    {
        if (token.ContentEncryption is not { } encryption || token.Part(1) is not { } encryptedKey || token.Part(2) is not { } nonce
            || token.Part(3) is not { } cipher || token.Part(4) is not { } tag)
        {
            return null;
        }

        foreach (var key in keys.Where(key => key.Id is null || token.KeyId is null || key.Id == token.KeyId))
        {
            if (key.ContentKey(token.Algorithm, encryptedKey) is { } contentKey && Open(encryption, contentKey, nonce, cipher, tag, token.Protected) is { } content)
            {
                return content;
            }
        }

        return null;
    }

    private static byte[]? Open(string encryption, byte[] key, byte[] nonce, byte[] cipher, byte[] tag, byte[] associated)
    {
        try
        {
            return encryption switch
            {
                "A128CBC-HS256" when key.Length == 32 => OpenCbc(HashAlgorithmName.SHA256, key, nonce, cipher, tag, associated),
                "A192CBC-HS384" when key.Length == 48 => OpenCbc(HashAlgorithmName.SHA384, key, nonce, cipher, tag, associated),
                "A256CBC-HS512" when key.Length == 64 => OpenCbc(HashAlgorithmName.SHA512, key, nonce, cipher, tag, associated),
                "A128GCM" when key.Length == 16 => OpenGcm(key, nonce, cipher, tag, associated),
                "A192GCM" when key.Length == 24 => OpenGcm(key, nonce, cipher, tag, associated),
                "A256GCM" when key.Length == 32 => OpenGcm(key, nonce, cipher, tag, associated),
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>RFC 7518 §5.2.2: the first half of the key is for the tag, which is checked before anything is decrypted.</summary>
    private static byte[]? OpenCbc(HashAlgorithmName hash, byte[] key, byte[] nonce, byte[] cipher, byte[] tag, byte[] associated)
    {
        var half = key.Length / 2;
        var input = new byte[associated.Length + nonce.Length + cipher.Length + 8];
        associated.CopyTo(input, 0);
        nonce.CopyTo(input, associated.Length);
        cipher.CopyTo(input, associated.Length + nonce.Length);
        BinaryPrimitives.WriteInt64BigEndian(input.AsSpan(input.Length - 8), associated.Length * 8L);
        var expected = CryptographicOperations.HmacData(hash, key.AsSpan(0, half), input).AsSpan(0, half);
        if (nonce.Length != 16 || !CryptographicOperations.FixedTimeEquals(expected, tag))
        {
            return null;
        }

        using var aes = Aes.Create();
        aes.Key = key[half..];
        return aes.DecryptCbc(cipher, nonce);
    }

    private static byte[]? OpenGcm(byte[] key, byte[] nonce, byte[] cipher, byte[] tag, byte[] associated)
    {
        if (nonce.Length != 12 || tag.Length != 16)
        {
            return null;
        }

        using var aes = new AesGcm(key, 16);
        var content = new byte[cipher.Length];
        aes.Decrypt(nonce, cipher, tag, content, associated);
        return content;
    }
}
