using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>Bodies of two gigabytes, there and back, by plain sockets so that the test itself holds nothing.</summary>
public sealed class GiganticBodyTests
{
    private const long Size = 2L * 1024 * 1024 * 1024;
    private const long MostGrowth = 192L * 1024 * 1024;

    [Fact]
    public async Task Two_gigabytes_stream_both_ways_in_bounded_memory()
    {
        await using var backend = new RawBackend(async (stream, request, stopping) =>
        {
            var early = request.Length - request.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4;

            // An answer that is whole ends an upload that is not, so the one comes after the other.
            await ReceiveAsync(stream, Size - early);
            await stream.WriteAsync(Head($"HTTP/1.1 200 OK\r\nContent-Length: {Size}\r\n\r\n"), stopping);
            await SendAsync(stream, Size);
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", gateway.Server.HttpAddress.Port);
        var caller = client.GetStream();
        var before = Process.GetCurrentProcess().WorkingSet64;

        await caller.WriteAsync(Head($"POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: {Size}\r\n\r\n"));
        var sending = SendAsync(caller, Size);
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await caller.ReadExactlyAsync(one).AsTask().WaitAsync(TimeSpan.FromSeconds(120));
            head.Append((char)one[0]);
        }

        await ReceiveAsync(caller, Size);
        await sending;

        Assert.Contains(Size.ToString(CultureInfo.InvariantCulture), head.ToString());
        var growth = Process.GetCurrentProcess().WorkingSet64 - before;
        Assert.True(growth < MostGrowth, $"The process grew by {growth / 1024 / 1024} MiB.");
    }

    private static byte[] Head(string text) => Encoding.ASCII.GetBytes(text);

    private static async Task SendAsync(NetworkStream to, long size)
    {
        var piece = new byte[256 * 1024];
        for (var left = size; left > 0; left -= piece.Length)
        {
            await to.WriteAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, left)));
        }
    }

    private static async Task ReceiveAsync(NetworkStream from, long size)
    {
        var piece = new byte[256 * 1024];
        for (var left = size; left > 0;)
        {
            var read = await from.ReadAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, left)));
            Assert.NotEqual(0, read);
            left -= read;
        }
    }
}
