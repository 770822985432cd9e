using System.Globalization;
using Postern.Snapshots.Redis;

namespace Postern.Gateway.Caching.Redis;

/// <summary>Who holds which slot, as a cluster's member tells it. Immutable.</summary>
internal sealed class RedisTopology
{
    /// <summary>Members that are connected to; a cluster may have a thousand, caches have a few dozen.</summary>
    public const int MostMembers = 256;

    private readonly RedisEndpoint?[] _holders;

    private RedisTopology(RedisEndpoint?[] holders)
    {
        _holders = holders;
        Members = holders.OfType<RedisEndpoint>().ToHashSet();
    }

    public static RedisTopology Empty { get; } = new(new RedisEndpoint?[RedisSlot.Count]);

    /// <summary>Those that hold any slot.</summary>
    public IReadOnlySet<RedisEndpoint> Members { get; }

    public RedisEndpoint? HolderOf(int slot) => _holders[slot];

    public RedisTopology With(RedisRedirection moved)
    {
        RedisEndpoint?[] holders = [.. _holders];
        holders[moved.Slot] = moved.Holder;
        return new(holders);
    }

    /// <summary>
    /// Reads the answer to <c>CLUSTER NODES</c>, a line for each member: <c>id host:port@bus,name flags master ping pong epoch link slots…</c>;
    /// slots that are on the way to another member stand in brackets.
    /// </summary>
    /// <param name="host">Of who answered, for members without an address.</param>
    public static RedisTopology Read(string text, string host)
    {
        var holders = new RedisEndpoint?[RedisSlot.Count];
        var members = 0;
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 9 || words[1].Split('@') is not [var address, ..] || RedisRedirection.Address(address, host) is not { } member || ++members > MostMembers)
            {
                continue;
            }

            foreach (var range in words.Skip(8))
            {
                var ends = range.Split('-');
                if (range[0] != '[' && Slot(ends[0]) is { } first && Slot(ends[^1]) is { } last && first <= last)
                {
                    Array.Fill(holders, member, first, last - first + 1);
                }
            }
        }

        return new(holders);
    }

    private static int? Slot(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var slot) && slot < RedisSlot.Count ? slot : null;
}
