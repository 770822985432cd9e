using System.Net.Sockets;
using System.Text;

namespace Postern.Gateway.Tests.Parts;

/// <summary>A client that sends exactly the bytes it is told to.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _tcp;

    private RawClient(TcpClient tcp) => _tcp = tcp;

    public static async Task<RawClient> ConnectAsync(Uri address)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", address.Port);
        return new(tcp);
    }

    /// <summary>Sends and reads until the gateway closes. Line ends of the text become CRLF.</summary>
    public static async Task<string> SendAsync(Uri address, string text)
    {
        using var client = await ConnectAsync(address);
        await client.WriteAsync(text.Contains('\r', StringComparison.Ordinal) ? text : text.Replace("\n", "\r\n", StringComparison.Ordinal));
        return await client.ReadToEndAsync();
    }

    public Task WriteAsync(string text) => _tcp.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    /// <summary>Sends until nobody takes any more: everything between this end and the other is full.</summary>
    public async Task FillAsync()
    {
        var piece = new byte[64 * 1024];
        var socket = _tcp.Client;
        while (true)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            try
            {
                await socket.SendAsync(piece, patience.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public async Task<string> ReadUntilAsync(string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal) && await _tcp.GetStream().ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) > 0)
        {
            text.Append((char)buffer[0]);
        }

        return text.ToString();
    }

    public async Task<string> ReadToEndAsync(int seconds = 20)
    {
        using var all = new MemoryStream();
        try
        {
            await _tcp.GetStream().CopyToAsync(all).WaitAsync(TimeSpan.FromSeconds(seconds));
        }
        catch (Exception ended) when (ended is IOException or TimeoutException)
        {
            // A reset ends the answer as well, and so does silence.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    public void Dispose() => _tcp.Dispose();
}
