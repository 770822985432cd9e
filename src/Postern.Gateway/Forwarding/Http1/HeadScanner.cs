namespace Postern.Gateway.Forwarding.Http1;

/// <summary>Finds where a message's head ends. Lines end with CRLF; a bare LF is taken too (RFC 9112 2.2).</summary>
internal static class HeadScanner
{
    /// <summary>Bytes that the head of an answer, or its trailers, may have.</summary>
    public const int Limit = 64 * 1024;

    /// <param name="scanned">How much was looked at before; goes on with the data, so that slow senders cost no second look.</param>
    /// <returns>Bytes up to and with the empty line; 0 when it has not come yet.</returns>
    /// <exception cref="BrokenMessageException">The head is longer than <see cref="Limit"/>.</exception>
    public static int FindEnd(ReadOnlySpan<byte> data, ref int scanned)
    {
        while (true)
        {
            var feed = data[scanned..].IndexOf((byte)'\n');
            if (feed < 0)
            {
                break;
            }

            var next = scanned + feed + 1;
            if (next < data.Length && data[next] == '\n')
            {
                return next + 1;
            }

            if (next + 1 < data.Length && data[next] == '\r' && data[next + 1] == '\n')
            {
                return next + 2;
            }

            if (next >= data.Length || (data[next] == '\r' && next + 1 >= data.Length))
            {
                // The line feed is looked at again when what follows it has come.
                scanned += feed;
                break;
            }

            scanned = next;
        }

        return data.Length < Limit ? 0 : throw new BrokenMessageException($"The backend's headers are longer than {Limit} bytes.");
    }
}
