using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postern.Gateway.Tests.Parts;

/// <summary>A socket that plays a backend byte by byte, for answers that a proper server would not give.</summary>
internal sealed class RawBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private int _open;

    public RawBackend(Func<NetworkStream, string, CancellationToken, Task> answer)
    {
        _listener.Start();
        _accepting = AcceptAsync(answer);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public int Connections { get; private set; }

    public int Open => Volatile.Read(ref _open);

    /// <summary>Answers each request with the same bytes and then closes.</summary>
    public static RawBackend Saying(string answer, bool close = true) => new(async (stream, _, stopping) =>
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), stopping);
        if (close)
        {
            stream.Socket.Shutdown(SocketShutdown.Send);
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, string, CancellationToken, Task> answer)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stopping.Token);
                Connections++;
                connections.Add(ServeAsync(socket, answer));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket, Func<NetworkStream, string, CancellationToken, Task> answer)
    {
        Interlocked.Increment(ref _open);
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var text = new StringBuilder();
                while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
                {
                    var read = await stream.ReadAsync(buffer, _stopping.Token);
                    if (read == 0)
                    {
                        return;
                    }

                    text.Append(Encoding.Latin1.GetString(buffer, 0, read));
                }

                await answer(stream, text.ToString(), _stopping.Token);
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The gateway or the test ended the connection.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
