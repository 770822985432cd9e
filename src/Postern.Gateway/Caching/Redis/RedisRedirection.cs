using System.Globalization;
using Postern.Snapshots.Redis;

namespace Postern.Gateway.Caching.Redis;

/// <summary>What a member of a cluster says when another one holds the key: <c>MOVED 3999 10.0.0.2:6379</c>, or <c>ASK</c> while a slot moves.</summary>
/// <param name="IsLasting">The slot is there from now on.</param>
internal readonly record struct RedisRedirection(int Slot, RedisEndpoint Holder, bool IsLasting)
{
    /// <param name="host">Stands for a holder without one, as members say it that don't know their own address.</param>
    /// <returns>Null for every other error.</returns>
    public static RedisRedirection? Read(string error, string host) =>
        error.Split(' ') is ["MOVED" or "ASK", var number, var address]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var slot) && slot < RedisSlot.Count && Address(address, host) is { } holder
            ? new(slot, holder, error[0] == 'M')
            : null;

    /// <summary><c>host:port</c>; the last colon counts, since IPv6 comes without brackets.</summary>
    public static RedisEndpoint? Address(ReadOnlySpan<char> text, string host)
    {
        var colon = text.LastIndexOf(':');
        return colon >= 0 && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? new(colon == 0 || text[0] == '?' ? host : text[..colon].Trim("[]").ToString(), port)
            : null;
    }
}
