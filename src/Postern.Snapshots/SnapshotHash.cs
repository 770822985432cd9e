using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Postern.Snapshots;

/// <summary>
/// Content addresses. An entity's hash is the SHA-256 of its canonical JSON; a set's hash is the SHA-256 of its sorted
/// <c>key hash\n</c> lines, so that either side can tell after a change whether both hold the same configuration.
/// </summary>
public static class SnapshotHash
{
    /// <returns>64 lower-case hex digits.</returns>
    public static string Of(SnapshotEntity entity) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(entity, SnapshotJson.Default.SnapshotEntity)));

    /// <param name="hashesByKey">Entity hash by entity key.</param>
    /// <returns>64 lower-case hex digits.</returns>
    public static string OfSet(IEnumerable<KeyValuePair<string, string>> hashesByKey) =>
        OfSorted(hashesByKey.OrderBy(pair => pair.Key, StringComparer.Ordinal));

    /// <summary>The same of a set that is in ordinal order of its keys already.</summary>
    public static string OfSorted(IEnumerable<KeyValuePair<string, string>> hashesByKey)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, hash) in hashesByKey)
        {
            sha.AppendData(Encoding.UTF8.GetBytes($"{key} {hash}\n"));
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
