using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Postern.Gateway.Tests.Parts;

/// <summary>A backend of HTTP/1.1 that notes first lines, and by them whether a message could be read in two ways.</summary>
internal static class StrictReading
{
    public static RawBackend Backend(List<string> seen) => new((stream, head, stopping) => ReadAsync(stream, head, seen, stopping));

    /// <summary>Reads one request as strictly as can be, notes it, and answers 200.</summary>
    private static async Task ReadAsync(NetworkStream stream, string head, List<string> seen, CancellationToken stopping)
    {
        var end = head.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = head[..end].Split("\r\n");
        var rest = new StringBuilder(head[(end + 4)..]);
        var lengths = lines.Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).ToList();
        var codings = lines.Where(line => line.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase)).ToList();
        var plain = lengths.Count + codings.Count <= 1
            && lines.Count(line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)) == 1
            && lines.Skip(1).All(line => line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && !line[..colon].Any(char.IsWhiteSpace))
            && lines[0].Split(' ').Length == 3
            && !head[..end].Any(character => character is '\0' or '\t') && head[..end].Replace("\r\n", "", StringComparison.Ordinal).IndexOfAny(['\r', '\n']) < 0;
        lock (seen)
        {
            seen.Add($"{lines[0]}{(plain ? "" : " (ambiguous: " + head[..end] + ")")}");
        }

        if (lengths.Count == 1)
        {
            await FillAsync(int.Parse(lengths[0]["Content-Length:".Length..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture));
        }
        else if (codings.Count == 1)
        {
            while (!rest.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                await FillAsync(rest.Length + 1);
            }
        }

        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stopping);

        async Task FillAsync(int length)
        {
            var buffer = new byte[4096];
            while (rest.Length < length)
            {
                var read = await stream.ReadAsync(buffer, stopping);
                if (read == 0)
                {
                    throw new IOException("The gateway ended the request early.");
                }

                rest.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
    }
}
