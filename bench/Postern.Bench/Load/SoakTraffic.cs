using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace Postern.Bench.Load;

/// <summary>The kinds of traffic of <see cref="Soak"/>, each with what must come back.</summary>
internal sealed class SoakTraffic(GatewayProcess gateway, CancellationToken stop)
{
    private const int PlainCallers = 24;

    private static readonly (byte[] Request, int Status)[] Plain =
    [
        (Head("GET /open/42"), 200), (Head("GET /orders/42", "Ocp-Apim-Subscription-Key: s-primary\r\n"), 200), (Head("GET /orders/42"), 401),
        (Head("GET /orders/42", "Ocp-Apim-Subscription-Key: wrong\r\n"), 401), (Head("GET /none/42"), 404),
    ];

    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });

    public ConcurrentQueue<string> Wrong { get; } = [];

    public string Summary => string.Join(", ", _counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}")) + $", wrong {Wrong.Count}";

    public async Task RunAsync()
    {
        List<Task> all = [.. Enumerable.Range(0, PlainCallers).Select(i => Task.Run(() => PlainAsync(i)))];
        all.Add(LoopAsync("post", () => EchoAsync("http", gateway.HttpPort, 1024, HttpVersion.Version11)));
        all.Add(LoopAsync("post chunked", () => EchoAsync("http", gateway.HttpPort, 20_000, HttpVersion.Version11, chunked: true)));
        all.Add(LoopAsync("big", () => EchoAsync("http", gateway.HttpPort, 4 * 1024 * 1024, HttpVersion.Version11), pause: 50));
        all.Add(LoopAsync("long", LongAsync, pause: 50));
        all.Add(LoopAsync("http/2", () => EchoAsync("https", gateway.HttpsPort, 5000, HttpVersion.Version20)));
        all.Add(LoopAsync("websocket", SocketAsync, pause: 5));
        await Task.WhenAll(all);
        _http.Dispose();
    }

    private async Task PlainAsync(int seed)
    {
        var random = new Random(seed);
        while (!stop.IsCancellationRequested)
        {
            using var caller = new PlainCaller(gateway.HttpPort);
            try
            {
                for (var i = random.Next(20_000); i > 0 && !stop.IsCancellationRequested; i--)
                {
                    var (request, expected) = Plain[random.Next(8) is var kind && kind < Plain.Length ? kind : kind & 1];
                    var status = await caller.AskAsync(request);
                    Count($"{expected}");
                    if (status != expected)
                    {
                        Wrong.Enqueue($"{status} instead of {expected}");
                    }
                }
            }
            catch (IOException broken)
            {
                Wrong.Enqueue(broken.Message);
            }
        }
    }

    private async Task LoopAsync(string name, Func<Task<string?>> work, int pause = 0)
    {
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (await work() is { } wrong)
                {
                    Wrong.Enqueue($"{name}: {wrong}");
                }
            }
            catch (Exception broken) when (broken is HttpRequestException or WebSocketException or IOException or OperationCanceledException)
            {
                Wrong.Enqueue($"{name}: {broken.Message}");
            }

            Count(name);
            if (pause > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(pause), TimeProvider.System);
            }
        }
    }

    private async Task<string?> EchoAsync(string scheme, int port, int size, Version version, bool chunked = false)
    {
        var body = new byte[size];
        Random.Shared.NextBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{scheme}://127.0.0.1:{port}/open/echo")
        {
            Content = new ByteArrayContent(body),
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TransferEncodingChunked = chunked ? true : null;
        using var answer = await _http.SendAsync(request);
        var back = await answer.Content.ReadAsByteArrayAsync();
        return answer.StatusCode == HttpStatusCode.OK && back.AsSpan().SequenceEqual(body) ? null : $"{answer.StatusCode}, {back.Length} bytes of {size}";
    }

    private async Task<string?> LongAsync()
    {
        using var answer = await _http.GetAsync($"http://127.0.0.1:{gateway.HttpPort}/open/long", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        long total = 0;
        int read;
        while ((read = await body.ReadAsync(buffer)) > 0)
        {
            total += read;
        }

        return total == LoadBackend.LongBody ? null : $"{answer.StatusCode}, {total} bytes";
    }

    private async Task<string?> SocketAsync()
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new($"ws://127.0.0.1:{gateway.HttpPort}/chat"), default);
        var buffer = new byte[1024];
        for (var i = 0; i < 20; i++)
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes($"message {i}"), WebSocketMessageType.Text, true, default);
            var received = await socket.ReceiveAsync(buffer, default);
            if (Encoding.ASCII.GetString(buffer, 0, received.Count) != $"message {i}")
            {
                return "another message came back";
            }
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        return socket.CloseStatus == WebSocketCloseStatus.NormalClosure ? null : $"closed with {socket.CloseStatus}";
    }

    private void Count(string name) => _counts.AddOrUpdate(name, 1, static (_, count) => count + 1);

    private static byte[] Head(string line, string more = "") => Encoding.ASCII.GetBytes($"{line} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n");
}
