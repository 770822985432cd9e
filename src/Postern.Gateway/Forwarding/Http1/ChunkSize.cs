namespace Postern.Gateway.Forwarding.Http1;

/// <summary>The line before a chunk: a hexadecimal size and extensions, which are dropped.</summary>
internal static class ChunkSize
{
    /// <summary>Longest line that is read, extensions included.</summary>
    public const int LongestLine = 4096;

    /// <exception cref="BrokenMessageException">No size, or one above 2^60 bytes.</exception>
    public static long Parse(ReadOnlySpan<byte> line)
    {
        var extension = line.IndexOf((byte)';');
        var digits = (extension < 0 ? line : line[..extension]).TrimEnd(" \t"u8);
        if (digits.IsEmpty || digits.Length > 15)
        {
            throw new BrokenMessageException("The backend sent a chunk without a size, or with one that is too large.");
        }

        var size = 0L;
        foreach (var digit in digits)
        {
            size = (size << 4) | (uint)(digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
                _ => throw new BrokenMessageException("The backend sent a chunk whose size is no hexadecimal number."),
            });
        }

        return size;
    }
}
