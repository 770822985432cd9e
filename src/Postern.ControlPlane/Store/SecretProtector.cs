using System.Security.Cryptography;
using System.Text;
using Postern.Hosting;

namespace Postern.ControlPlane.Store;

/// <summary>
/// Encrypts secrets at rest with AES-256-GCM. The key is in a file outside the database, so that a stolen database or backup tells
/// nothing. The place of a secret is authenticated with it: a cipher text copied to another resource does not decrypt.
/// </summary>
public sealed class SecretProtector : IDisposable
{
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly AesGcm _cipher;
    private readonly byte[] _fingerprintKey;
    private readonly byte[] _signingKey;

    private SecretProtector(byte[] key)
    {
        _cipher = new(key, TagBytes);
        _fingerprintKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "fingerprint"u8.ToArray());
        _signingKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "signature"u8.ToArray());
    }

    /// <param name="keyFile">32 bytes in base64, mode 0600; made when absent.</param>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static SecretProtector FromKeyFile(string keyFile)
    {
        if (!File.Exists(keyFile))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(keyFile))!);
            PrivateFile.Write(keyFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n");
        }

        Span<byte> key = stackalloc byte[64];
        if (!Convert.TryFromBase64String(File.ReadAllText(keyFile).Trim(), key, out var length) || length != 32)
        {
            throw new InvalidDataException($"The key file {keyFile} must hold 32 bytes in base64 ({ControlPlaneDiagnostics.KeyFile}).");
        }

        return new(key[..length].ToArray());
    }

    /// <param name="place">What the secret belongs to, such as a resource id and a member path; needed again to decrypt.</param>
    public string Protect(string secret, string place)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var result = new byte[1 + NonceBytes + TagBytes + plain.Length];
        result[0] = Version;
        var nonce = result.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        lock (_cipher)
        {
            _cipher.Encrypt(nonce, plain, result.AsSpan(1 + NonceBytes + TagBytes), result.AsSpan(1 + NonceBytes, TagBytes), Place(place));
        }

        CryptographicOperations.ZeroMemory(plain);
        return Convert.ToBase64String(result);
    }

    /// <exception cref="CryptographicException">Made with another key, for another place, or damaged.</exception>
    public string Reveal(string protectedSecret, string place)
    {
        var bytes = Convert.FromBase64String(protectedSecret);
        if (bytes.Length < 1 + NonceBytes + TagBytes || bytes[0] != Version)
        {
            throw new CryptographicException("The stored secret has an unknown form.");
        }

        var plain = new byte[bytes.Length - 1 - NonceBytes - TagBytes];
        lock (_cipher)
        {
            _cipher.Decrypt(bytes.AsSpan(1, NonceBytes), bytes.AsSpan(1 + NonceBytes + TagBytes), bytes.AsSpan(1 + NonceBytes, TagBytes), plain, Place(place));
        }

        var text = Encoding.UTF8.GetString(plain);
        CryptographicOperations.ZeroMemory(plain);
        return text;
    }

    /// <summary>Equal for equal secrets and useless without the key file: for finding duplicates.</summary>
    public string Fingerprint(string secret) => Convert.ToHexStringLower(HMACSHA256.HashData(_fingerprintKey, Encoding.UTF8.GetBytes(secret)));

    /// <summary>Signature of something that is handed out and comes back, such as a link.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => HMACSHA256.HashData(_signingKey, data);

    public void Dispose() => _cipher.Dispose();

    private static byte[] Place(string place) => Encoding.UTF8.GetBytes(place.ToLowerInvariant());
}
