using System.Security.Cryptography;
using System.Text;
using Postern.Hosting;

namespace Postern.Authority.Keys;

/// <summary>
/// Keeps private keys unreadable in the database file: AES-256-GCM with a key from a file of its own, so that a copy of the database
/// alone signs nothing. A sealed key is bound to its name.
/// </summary>
internal sealed class KeySeal
{
    private const int KeyBytes = 32;

    private readonly byte[] _key;

    private KeySeal(byte[] key, bool isNew)
    {
        _key = key;
        IsNew = isNew;
    }

    /// <summary>The file was absent: nothing that was sealed before can be opened.</summary>
    public bool IsNew { get; }

    /// <exception cref="AuthorityException">A461: the file is there but can't be read as a key.</exception>
    public static KeySeal LoadOrCreate(string folder)
    {
        var path = Path.Combine(folder, "authority.key");
        try
        {
            if (!File.Exists(path))
            {
                var made = RandomNumberGenerator.GetBytes(KeyBytes);
                PrivateFile.Write(path, Convert.ToBase64String(made) + "\n");
                return new(made, isNew: true);
            }

            var key = Convert.FromBase64String(File.ReadAllText(path).Trim());
            return key.Length == KeyBytes ? new(key, isNew: false) : throw new FormatException($"it holds {key.Length} bytes, not {KeyBytes}");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new AuthorityException(AuthorityDiagnostics.SealingKey, $"{path} cannot be used: {problem.Message}", problem);
        }
    }

    public byte[] Seal(ReadOnlySpan<byte> secret, string name)
    {
        var result = new byte[AesGcm.NonceByteSizes.MaxSize + secret.Length + AesGcm.TagByteSizes.MaxSize];
        var nonce = result.AsSpan(0, AesGcm.NonceByteSizes.MaxSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, AesGcm.TagByteSizes.MaxSize);
        aes.Encrypt(nonce, secret, result.AsSpan(nonce.Length, secret.Length), result.AsSpan(nonce.Length + secret.Length), Encoding.UTF8.GetBytes(name));
        return result;
    }

    /// <exception cref="AuthorityException">A461: sealed with another key.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedBytes, string name)
    {
        try
        {
            var nonce = sealedBytes[..AesGcm.NonceByteSizes.MaxSize];
            var tag = sealedBytes[^AesGcm.TagByteSizes.MaxSize..];
            var secret = new byte[sealedBytes.Length - nonce.Length - tag.Length];
            using var aes = new AesGcm(_key, tag.Length);
            aes.Decrypt(nonce, sealedBytes[nonce.Length..^tag.Length], tag, secret, Encoding.UTF8.GetBytes(name));
            return secret;
        }
        catch (Exception problem) when (problem is CryptographicException or ArgumentException)
        {
            throw new AuthorityException(AuthorityDiagnostics.SealingKey,
                "authority.key does not open the signing keys in authority.db: it belongs to another data folder.", problem);
        }
    }
}
