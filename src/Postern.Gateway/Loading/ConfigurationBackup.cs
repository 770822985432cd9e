using System.IO.Compression;
using System.Text.Json;
using Postern.Snapshots;

namespace Postern.Gateway.Loading;

/// <summary>The last good configuration on disk, for starts without the control plane.</summary>
internal sealed class ConfigurationBackup(string folder, string gatewayName, string instanceId, ReadOnlyMemory<byte>? secret)
{
    private readonly SealedFile _file = new(folder, "configuration.backup", "PGB1", gatewayName, instanceId, secret);

    /// <summary>Backups are on when the folder is mounted.</summary>
    public bool Exists => _file.CanExist;

    public string Folder => folder;

    public void Save(Snapshot snapshot) => _file.Write(Compress(JsonSerializer.SerializeToUtf8Bytes(snapshot, SnapshotJson.Default.Snapshot)));

    /// <summary>The saved configuration; null when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or was made with another credential or for another gateway.</exception>
    public Snapshot? Load()
    {
        if (_file.Read() is not { } bytes)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(Decompress(bytes), SnapshotJson.Default.Snapshot);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException("The configuration backup is damaged.", broken);
        }
    }

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
