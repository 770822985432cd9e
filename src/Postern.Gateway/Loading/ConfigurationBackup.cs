using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Postern.Hosting;
using Postern.Snapshots;

namespace Postern.Gateway.Loading;

/// <summary>
/// The last good configuration on disk, for starts without the control plane. AES-256-GCM; the key is derived from the gateway's own
/// credential, so a copied volume tells nothing. Workload identities have no lasting secret: their key is a file beside, mode 0600.
/// </summary>
internal sealed class ConfigurationBackup
{
    private const string FileName = "configuration.backup";
    private const int SaltSize = 16;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private static readonly byte[] Magic = "PGB1"u8.ToArray();

    private readonly string _folder;
    private readonly string _gatewayName;
    private readonly string _instanceId;
    private readonly ReadOnlyMemory<byte>? _secret;

    public ConfigurationBackup(string folder, string gatewayName, string instanceId, ReadOnlyMemory<byte>? secret)
    {
        _folder = folder;
        _gatewayName = gatewayName;
        _instanceId = instanceId;
        _secret = secret;
    }

    /// <summary>Backups are on when the folder is mounted.</summary>
    public bool Exists => Directory.Exists(_folder);

    public string Folder => _folder;

    private string File => Path.Combine(_folder, FileName);

    public void Save(Snapshot snapshot)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        var nonce = RandomNumberGenerator.GetBytes(NonceSize);
        var plain = Compress(JsonSerializer.SerializeToUtf8Bytes(snapshot, SnapshotJson.Default.Snapshot));
        var cipher = new byte[plain.Length];
        var tag = new byte[TagSize];
        using (var aes = new AesGcm(DeriveKey(salt), TagSize))
        {
            aes.Encrypt(nonce, plain, cipher, tag, AssociatedData());
        }

        // Several instances may share the folder: each writes its own file and the last rename wins whole.
        var temporary = Path.Combine(_folder, $"{FileName}.{_instanceId}");
        PrivateFile.Write(temporary, [.. Magic, .. salt, .. nonce, .. tag, .. cipher]);
        System.IO.File.Move(temporary, File, overwrite: true);
    }

    /// <summary>The saved configuration; null when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or was made with another credential or for another gateway.</exception>
    public Snapshot? Load()
    {
        if (!System.IO.File.Exists(File))
        {
            return null;
        }

        var bytes = System.IO.File.ReadAllBytes(File).AsSpan();
        var header = Magic.Length + SaltSize + NonceSize + TagSize;
        if (bytes.Length < header || !bytes.StartsWith(Magic))
        {
            throw new InvalidDataException("The file is not a configuration backup.");
        }

        var salt = bytes.Slice(Magic.Length, SaltSize);
        var nonce = bytes.Slice(Magic.Length + SaltSize, NonceSize);
        var tag = bytes.Slice(Magic.Length + SaltSize + NonceSize, TagSize);
        var cipher = bytes[header..];
        var plain = new byte[cipher.Length];
        try
        {
            using var aes = new AesGcm(DeriveKey(salt), TagSize);
            aes.Decrypt(nonce, cipher, tag, plain, AssociatedData());
            return JsonSerializer.Deserialize(Decompress(plain), SnapshotJson.Default.Snapshot);
        }
        catch (Exception broken) when (broken is CryptographicException or JsonException)
        {
            throw new InvalidDataException("The configuration backup is damaged, or was made with another credential or for another gateway.", broken);
        }
    }

    private byte[] DeriveKey(ReadOnlySpan<byte> salt)
    {
        var key = new byte[32];
        var secret = _secret is { } own ? own.Span : KeyFile();
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt, "postern gateway backup 1"u8);
        return key;
    }

    private byte[] KeyFile()
    {
        var path = Path.Combine(_folder, "backup.key");
        if (!System.IO.File.Exists(path))
        {
            PrivateFile.Write(path, RandomNumberGenerator.GetBytes(32));
        }

        return System.IO.File.ReadAllBytes(path);
    }

    private byte[] AssociatedData() => [.. Magic, .. Encoding.UTF8.GetBytes(_gatewayName)];

    private static byte[] Compress(byte[] bytes)
    {
        using var result = new MemoryStream();
        using (var brotli = new BrotliStream(result, CompressionLevel.Fastest))
        {
            brotli.Write(bytes);
        }

        return result.ToArray();
    }

    private static byte[] Decompress(byte[] bytes)
    {
        using var result = new MemoryStream();
        using (var brotli = new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress))
        {
            brotli.CopyTo(result);
        }

        return result.ToArray();
    }
}
