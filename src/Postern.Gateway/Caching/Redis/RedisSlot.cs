namespace Postern.Gateway.Caching.Redis;

/// <summary>Which of a cluster's slots a key is in: CRC-16 (XMODEM) of the key, or of what stands between its first braces.</summary>
internal static class RedisSlot
{
    public const int Count = 16384;

    private static readonly ushort[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open >= 0)
        {
            var tag = key[(open + 1)..];
            var close = tag.IndexOf((byte)'}');
            key = close > 0 ? tag[..close] : key;
        }

        ushort sum = 0;
        foreach (var one in key)
        {
            sum = (ushort)((sum << 8) ^ Table[(sum >> 8) ^ one]);
        }

        return sum % Count;
    }

    private static ushort Entry(int index)
    {
        var sum = index << 8;
        for (var bit = 0; bit < 8; bit++)
        {
            sum = (sum & 0x8000) != 0 ? (sum << 1) ^ 0x1021 : sum << 1;
        }

        return (ushort)sum;
    }
}
