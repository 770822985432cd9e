using System.Text;
using Postern.Gateway.Loading;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Quotas;

/// <summary>
/// What quotas have counted, in the folder of the configuration backup, sealed as it is: keys may be callers' addresses or tokens. Instances
/// that share the folder keep the highest count of each.
/// </summary>
internal sealed class QuotaFile(string folder, string gatewayName, string instanceId, ReadOnlyMemory<byte>? secret)
{
    /// <summary>Counters that are kept; of more, those with the most calls.</summary>
    public const int Most = 20_000;

    private const int LongestKey = 4 * 1024;

    private readonly SealedFile _file = new(folder, "quotas.backup", "PGQ1", gatewayName, instanceId, secret);

    public bool Exists => _file.CanExist;

    public string Folder => folder;

    /// <exception cref="InvalidDataException">The file is damaged, or was made with another credential or for another gateway.</exception>
    public IReadOnlyList<QuotaCount> Load()
    {
        if (_file.Read() is not { } bytes)
        {
            return [];
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            var counts = new List<QuotaCount>();
            for (var left = Math.Min(reader.ReadInt32(), Most); left > 0; left--)
            {
                counts.Add(new(reader.ReadString(), Time(reader), Time(reader), reader.ReadInt64(), reader.ReadInt64()));
            }

            return counts;
        }
        catch (Exception broken) when (broken is IOException or ArgumentException or FormatException)
        {
            throw new InvalidDataException("The file of quota counters is damaged.", broken);
        }
    }

    public void Save(IReadOnlyList<QuotaCount> counts, DateTimeOffset now)
    {
        var kept = Merge(counts, LoadOthers(), now);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(kept.Count);
            foreach (var count in kept)
            {
                writer.Write(count.Key);
                writer.Write(count.Start.UtcTicks);
                writer.Write(count.End.UtcTicks);
                writer.Write(count.Calls);
                writer.Write(count.Bytes);
            }
        }

        _file.Write(stream.ToArray());
    }

    private IReadOnlyList<QuotaCount> LoadOthers()
    {
        try
        {
            return Load();
        }
        catch (InvalidDataException)
        {
            // It is about to be replaced by one that can be read.
            return [];
        }
    }

    private static List<QuotaCount> Merge(IReadOnlyList<QuotaCount> own, IReadOnlyList<QuotaCount> others, DateTimeOffset now)
    {
        var merged = own.Where(count => count.Key.Length <= LongestKey).ToDictionary(count => count.Key, StringComparer.Ordinal);
        foreach (var other in others.Where(other => other.End > now))
        {
            merged[other.Key] = !merged.TryGetValue(other.Key, out var mine) || other.Start > mine.Start ? other
                : other.Start < mine.Start ? mine
                : mine with { Calls = Math.Max(mine.Calls, other.Calls), Bytes = Math.Max(mine.Bytes, other.Bytes) };
        }

        return merged.Count <= Most ? [.. merged.Values] : [.. merged.Values.OrderByDescending(count => count.Calls).Take(Most)];
    }

    private static DateTimeOffset Time(BinaryReader reader) => new(reader.ReadInt64(), TimeSpan.Zero);
}
