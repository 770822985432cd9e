using System.Security.Cryptography;
using System.Text;
using Postern.Hosting;

namespace Postern.Gateway.Loading;

/// <summary>
/// A file of the gateway's folder that only this gateway can read. AES-256-GCM; the key is derived from the gateway's own credential, so a
/// copied volume tells nothing. Workload identities have no lasting secret: their key is a file beside, mode 0600.
/// </summary>
/// <param name="magic">Four characters: one kind of file can't be taken for another.</param>
internal sealed class SealedFile(string folder, string fileName, string magic, string gatewayName, string instanceId, ReadOnlyMemory<byte>? secret)
{
    private const int SaltSize = 16;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly byte[] _magic = Encoding.ASCII.GetBytes(magic);

    /// <summary>The folder is mounted.</summary>
    public bool CanExist => Directory.Exists(folder);

    private string Path => System.IO.Path.Combine(folder, fileName);

    public void Write(byte[] plain)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        var nonce = RandomNumberGenerator.GetBytes(NonceSize);
        var cipher = new byte[plain.Length];
        var tag = new byte[TagSize];
        using (var aes = new AesGcm(DeriveKey(salt), TagSize))
        {
            aes.Encrypt(nonce, plain, cipher, tag, AssociatedData());
        }

        // Several instances may share the folder: each writes its own file and the last rename wins whole.
        var temporary = $"{Path}.{instanceId}";
        PrivateFile.Write(temporary, [.. _magic, .. salt, .. nonce, .. tag, .. cipher]);
        File.Move(temporary, Path, overwrite: true);
    }

    /// <returns>Null when there is none.</returns>
    /// <exception cref="InvalidDataException">The file is damaged, or was made with another credential or for another gateway.</exception>
    public byte[]? Read()
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        var bytes = File.ReadAllBytes(Path).AsSpan();
        var header = _magic.Length + SaltSize + NonceSize + TagSize;
        if (bytes.Length < header || !bytes.StartsWith(_magic))
        {
            throw new InvalidDataException($"The file {fileName} is not what its name says.");
        }

        var salt = bytes.Slice(_magic.Length, SaltSize);
        var nonce = bytes.Slice(_magic.Length + SaltSize, NonceSize);
        var tag = bytes.Slice(_magic.Length + SaltSize + NonceSize, TagSize);
        var cipher = bytes[header..];
        var plain = new byte[cipher.Length];
        try
        {
            using var aes = new AesGcm(DeriveKey(salt), TagSize);
            aes.Decrypt(nonce, cipher, tag, plain, AssociatedData());
            return plain;
        }
        catch (CryptographicException broken)
        {
            throw new InvalidDataException($"The file {fileName} is damaged, or was made with another credential or for another gateway.", broken);
        }
    }

    private byte[] DeriveKey(ReadOnlySpan<byte> salt)
    {
        var key = new byte[32];
        var input = secret is { } own ? own.Span : KeyFile();
        HKDF.DeriveKey(HashAlgorithmName.SHA256, input, key, salt, "postern gateway backup 1"u8);
        return key;
    }

    private byte[] KeyFile()
    {
        var path = System.IO.Path.Combine(folder, "backup.key");
        if (!File.Exists(path))
        {
            PrivateFile.Write(path, RandomNumberGenerator.GetBytes(32));
        }

        return File.ReadAllBytes(path);
    }

    private byte[] AssociatedData() => [.. _magic, .. Encoding.UTF8.GetBytes(gatewayName)];
}
