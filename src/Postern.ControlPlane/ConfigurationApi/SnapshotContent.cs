using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>
/// Snapshots as bytes. Many instances ask for the same one at the same time (a rollout), so it is written and compressed once per gateway
/// and encoding.
/// </summary>
internal sealed class SnapshotContent
{
    /// <summary>Bytes held for all gateways together; beyond it everything is made anew.</summary>
    private const long MostBytes = 64 << 20;

    private readonly ConcurrentDictionary<(string Gateway, string Encoding), Entry> _entries = new();

    /// <param name="gatewayResourceId">ARM id.</param>
    /// <param name="encoding"><c>br</c>, <c>gzip</c> or empty.</param>
    public byte[] Bytes(string gatewayResourceId, Snapshot snapshot, string encoding)
    {
        var key = (gatewayResourceId.ToLowerInvariant(), encoding);
        if (_entries.TryGetValue(key, out var entry) && entry.Revision == snapshot.Revision && entry.Hash == snapshot.Hash)
        {
            return entry.Bytes.Value;
        }

        if (_entries.Values.Sum(other => other.Bytes.IsValueCreated ? other.Bytes.Value.LongLength : 0) > MostBytes)
        {
            _entries.Clear();
        }

        entry = new(snapshot.Revision, snapshot.Hash, new(() => Compress(snapshot, encoding)));
        _entries[key] = entry;
        return entry.Bytes.Value;
    }

    private static byte[] Compress(Snapshot snapshot, string encoding)
    {
        using var bytes = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "br" => new BrotliStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            "gzip" => new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            _ => Stream.Null,
        })
        {
            JsonSerializer.Serialize(encoding.Length == 0 ? bytes : stream, snapshot, SnapshotJson.Default.Snapshot);
        }

        return bytes.ToArray();
    }

    private sealed record Entry(long Revision, string Hash, Lazy<byte[]> Bytes);
}
