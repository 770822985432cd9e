using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postern.Gateway.Tests.Parts;

/// <summary>A socket that plays an HTTP/2 backend frame by frame (prior knowledge), for answers that a proper server would not give.</summary>
internal sealed class RawHttp2Backend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private int _open;
    private int _connections;

    /// <param name="answer">Runs once a request's headers came, beside the reading of further frames.</param>
    public RawHttp2Backend(Func<Http2Connection, int, Task> answer)
    {
        _listener.Start();
        _accepting = AcceptAsync(answer);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public int Connections => Volatile.Read(ref _connections);

    public int Open => Volatile.Read(ref _open);

    /// <summary>Type, stream and payload of every frame that came after the settings.</summary>
    public ConcurrentQueue<(byte Type, int Stream, byte[] Payload)> Received { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Func<Http2Connection, int, Task> answer)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stopping.Token);
                Interlocked.Increment(ref _connections);
                connections.Add(ServeAsync(socket, answer));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket, Func<Http2Connection, int, Task> answer)
    {
        Interlocked.Increment(ref _open);
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        using var connection = new Http2Connection(stream, _stopping.Token);
        List<Task> answers = [];
        try
        {
            await stream.ReadExactlyAsync(new byte[24], _stopping.Token);
            await connection.SendAsync(Http2Connection.Settings, 0, 0, []);
            var head = new byte[9];
            while (true)
            {
                await stream.ReadExactlyAsync(head, _stopping.Token);
                var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
                await stream.ReadExactlyAsync(payload, _stopping.Token);
                var (type, flags, id) = (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)));
                Received.Enqueue((type, id, payload));
                if (type == Http2Connection.Settings && (flags & 1) == 0)
                {
                    await connection.SendAsync(Http2Connection.Settings, 1, 0, []);
                }
                else if (type == Http2Connection.Headers)
                {
                    answers.Add(AnswerAsync(connection, id, answer));
                }
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The gateway or the test ended the connection.
        }
        finally
        {
            await Task.WhenAll(answers);
            Interlocked.Decrement(ref _open);
        }
    }

    private static async Task AnswerAsync(Http2Connection connection, int id, Func<Http2Connection, int, Task> answer)
    {
        try
        {
            await answer(connection, id);
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The other end is gone.
        }
    }
}

/// <summary>The server's side of one connection of <see cref="RawHttp2Backend"/>.</summary>
internal sealed class Http2Connection(NetworkStream stream, CancellationToken stopping) : IDisposable
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte GoAway = 7;

    private readonly SemaphoreSlim _gate = new(1, 1);

    public CancellationToken Stopping => stopping;

    public NetworkStream Stream => stream;

    public async Task SendAsync(byte type, byte flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await WriteAsync(frame);
    }

    public async Task WriteAsync(byte[] bytes)
    {
        await _gate.WaitAsync(stopping);
        try
        {
            await stream.WriteAsync(bytes, stopping);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Status 200 and the given headers.</summary>
    public Task SendHeadersAsync(int id, bool end, params (string Name, string Value)[] headers) =>
        SendAsync(Headers, (byte)(4 | (end ? 1 : 0)), id, [0x88, .. headers.SelectMany(header => Literal(header.Name, header.Value))]);

    public Task SendDataAsync(int id, string text, bool end) => SendAsync(Data, (byte)(end ? 1 : 0), id, Encoding.ASCII.GetBytes(text));

    public Task ResetAsync(int id, int error) => SendAsync(Reset, 0, id, [0, 0, 0, (byte)error]);

    public Task GoAwayAsync(int last, int error) => SendAsync(GoAway, 0, 0, [0, 0, 0, (byte)last, 0, 0, 0, (byte)error]);

    public async Task AnswerAsync(int id, string body)
    {
        await SendHeadersAsync(id, end: false);
        await SendDataAsync(id, body, end: true);
    }

    /// <summary>Closes so that the other end gets a reset.</summary>
    public void Break()
    {
        stream.Socket.LingerState = new(true, 0);
        stream.Socket.Close();
    }

    public void Dispose() => _gate.Dispose();

    public static IEnumerable<byte> Literal(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
