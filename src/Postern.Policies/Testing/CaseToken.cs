using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Policies.Testing;

/// <summary>
/// A token of a case: <c>--- token NAME ALGORITHM [key=NAME] [kid=ID] [forged] [encrypted=SECRET]</c>, then its claims.
/// </summary>
internal static class CaseToken
{
    public static string Create(string claims, CaseWords words, Func<string, CaseKey> keys)
    {
        var algorithm = words[1];
        var key = words["key"] is { } name ? keys(name) : null;
        var kid = words["kid"] is { } id ? $",\"kid\":\"{id}\"" : "";
        var input = $"{Encoded($$"""{"alg":"{{algorithm}}","typ":"JWT"{{kid}}}""")}.{Encoded(claims)}";
        var signature = key?.Sign(algorithm, Encoding.ASCII.GetBytes(input)) ?? [];
        if (words.Has("forged"))
        {
            signature[^1] ^= 1;
        }

        var token = $"{input}.{Base64Url.EncodeToString(signature)}";
        return words["encrypted"] is { } secret ? Encrypted(token, keys(secret).SecretBytes) : token;
    }

    private static string Encoded(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    /// <summary>With the secret itself (<c>dir</c>) and the AES-CBC algorithm of its length.</summary>
    private static string Encrypted(string token, byte[] secret)
    {
        var (encryption, hash) = secret.Length switch
        {
            32 => ("A128CBC-HS256", HashAlgorithmName.SHA256),
            48 => ("A192CBC-HS384", HashAlgorithmName.SHA384),
            _ => ("A256CBC-HS512", HashAlgorithmName.SHA512),
        };
        var half = secret.Length / 2;
        var header = Encoded($$"""{"alg":"dir","enc":"{{encryption}}","cty":"JWT"}""");
        var nonce = RandomNumberGenerator.GetBytes(16);
        using var aes = Aes.Create();
        aes.Key = secret[half..];
        var cipher = aes.EncryptCbc(Encoding.UTF8.GetBytes(token), nonce);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(length, header.Length * 8L);
        var tag = CryptographicOperations.HmacData(hash, secret[..half], (byte[])[.. Encoding.ASCII.GetBytes(header), .. nonce, .. cipher, .. length])[..half];
        return $"{header}..{Base64Url.EncodeToString(nonce)}.{Base64Url.EncodeToString(cipher)}.{Base64Url.EncodeToString(tag)}";
    }
}
