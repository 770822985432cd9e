using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Postern.Bench.Load;

/// <summary>One kept HTTP/1.1 connection that asks as quickly as it is answered; costs little, so that the load is the gateway's.</summary>
internal sealed class PlainCaller(int port) : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private TcpClient? _tcp;

    /// <param name="request">The whole head.</param>
    /// <returns>The status.</returns>
    public async Task<int> AskAsync(byte[] request)
    {
        if (_tcp is null)
        {
            _tcp = new() { NoDelay = true };
            await _tcp.ConnectAsync("127.0.0.1", port);
        }

        var stream = _tcp.GetStream();
        await stream.WriteAsync(request);
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(length));
            if (read == 0)
            {
                throw new IOException("The gateway closed the connection.");
            }

            length += read;
            if (Complete(_buffer.AsSpan(0, length)) is { } status)
            {
                return status;
            }
        }
    }

    public void Dispose() => _tcp?.Dispose();

    /// <summary>Answers of the plain kinds are short and have a length.</summary>
    private static int? Complete(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var head = Encoding.ASCII.GetString(answer[..end]);
        var at = head.IndexOf("\r\nContent-Length: ", StringComparison.OrdinalIgnoreCase);
        var line = head.AsSpan(at + 18);
        var stop = line.IndexOf('\r');
        var length = int.Parse(stop < 0 ? line : line[..stop], CultureInfo.InvariantCulture);
        return answer.Length < end + 4 + length ? null : int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
    }
}
