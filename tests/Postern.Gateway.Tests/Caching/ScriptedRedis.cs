using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postern.Gateway.Tests.Caching;

/// <summary>A server that answers what is read at once with what a test says; for servers that misbehave.</summary>
internal sealed class ScriptedRedis : IAsyncDisposable
{
    /// <summary>An answer: close the connection.</summary>
    public const string Close = "\0close";

    /// <summary>An answer: none, to this and to everything that follows.</summary>
    public const string NeverAgain = "\0never";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<string, string?> _answer;
    private readonly Task _accepting;
    private int _connections;

    public ScriptedRedis(Func<string, string?> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stopping.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(socket));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var buffer = new byte[4096];
        var mute = false;
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, _stopping.Token)) > 0)
            {
                var answer = mute ? null : _answer(Encoding.UTF8.GetString(buffer, 0, read));
                if (answer == Close)
                {
                    return;
                }

                mute |= answer == NeverAgain;
                if (answer is not null && !mute)
                {
                    await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _stopping.Token);
                }
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException)
        {
            // Either side may end it.
        }
    }
}
