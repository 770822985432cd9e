using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

public sealed class WebSocketTests
{
    [Fact]
    public async Task Messages_pass_both_ways_and_the_callers_close_reaches_the_backend()
    {
        var closed = new TaskCompletionSource<WebSocketCloseStatus?>();
        await using var backend = await EchoAsync(closed);
        await using var gateway = await StartAsync(backend);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("chat");

        await socket.ConnectAsync(Address(gateway, "/chat/room/1"), default);
        Assert.Equal("chat", socket.SubProtocol);
        foreach (var size in new[] { 1, 1000, 300_000 })
        {
            var sent = new string((char)('a' + (size % 26)), size);
            await socket.SendAsync(Encoding.UTF8.GetBytes(sent), WebSocketMessageType.Text, true, default);
            Assert.Equal(sent, await ReceiveAsync(socket));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", default).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await closed.Task.WaitAsync(TimeSpan.FromSeconds(10)));
        await Until.TrueAsync(() => gateway.Logs.Records.Any(record => record.Event == "GatewayLogs" && record.Text.Contains("responseCode: 101", StringComparison.Ordinal) && record.Text.Contains("operationId: onHandshake", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_backends_close_reaches_the_caller()
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "gone", default);
        }, configure: app => app.UseWebSockets());
        await using var gateway = await StartAsync(backend);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(Address(gateway, "/chat"), default);

        var result = await socket.ReceiveAsync(new byte[10], default).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    public async Task Either_side_may_speak_http_2(int caller, int behind)
    {
        var closed = new TaskCompletionSource<WebSocketCloseStatus?>();
        await using var backend = await EchoAsync(closed, behind == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var gateway = await StartAsync(backend, behind);
        using var socket = await ConnectAsync(gateway, caller, "chat");

        Assert.Equal("chat", socket.SubProtocol);
        foreach (var size in new[] { 1, 1000, 300_000 })
        {
            var sent = new string((char)('a' + (size % 26)), size);
            await socket.SendAsync(Encoding.UTF8.GetBytes(sent), WebSocketMessageType.Text, true, default);
            Assert.Equal(sent, await ReceiveAsync(socket));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", default).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await closed.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    public async Task The_backends_close_reaches_the_caller_over_http_2(int caller, int behind)
    {
        await using var backend = await TestBackend.StartAsync(
            async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "gone", default);
            },
            listen => listen.Protocols = behind == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1,
            app => app.UseWebSockets());
        await using var gateway = await StartAsync(backend, behind);
        using var socket = await ConnectAsync(gateway, caller);

        var result = await socket.ReceiveAsync(new byte[10], default).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
    }

    [Fact]
    public async Task A_backend_that_does_not_know_the_key_gets_no_caller_of_http_2()
    {
        await using var backend = RawBackend.Saying("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n", close: false);
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("chat", "chat", backend.Address.ToString().Replace("http", "ws", StringComparison.Ordinal), protocols: ["ws", "wss"]) with { Type = "websocket", Operations = [] });

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(gateway, 2));

        Assert.Contains("500", refused.Message);
    }

    [Fact]
    public async Task A_caller_that_drops_the_connection_ends_the_backends()
    {
        var closed = new TaskCompletionSource<WebSocketCloseStatus?>();
        await using var backend = await EchoAsync(closed);
        await using var gateway = await StartAsync(backend);
        using (var socket = new ClientWebSocket())
        {
            await socket.ConnectAsync(Address(gateway, "/chat"), default);
            socket.Abort();
        }

        Assert.Null(await closed.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_handshake_needs_a_key_and_policies_see_it()
    {
        await using var backend = await EchoAsync(new());
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("chat", "chat", backend.Address.ToString().Replace("http", "ws", StringComparison.Ordinal), subscriptionRequired: true, protocols: ["ws", "wss"]) with { Type = "websocket", Operations = [] },
            Entities.Subscription("s", "all"),
            Entities.Policy("apis/chat/operations/onHandshake", "<policies><inbound><base /><choose><when condition=\"@(context.Request.Headers.GetValueOrDefault(&quot;X-Bad&quot;, &quot;&quot;) == &quot;1&quot;)\"><return-response><set-status code=\"418\" /></return-response></when></choose></inbound><backend><base /></backend><outbound><base /></outbound></policies>".Replace("&quot;", "\"", StringComparison.Ordinal)));

        Assert.Contains("401", await RefusedAsync("/chat", null));
        Assert.Contains("418", await RefusedAsync("/chat?subscription-key=s-primary", "1"));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(Address(gateway, "/chat?subscription-key=s-primary"), default);
        Assert.Equal(WebSocketState.Open, socket.State);

        async Task<string> RefusedAsync(string path, string? header)
        {
            using var refused = new ClientWebSocket();
            if (header is not null)
            {
                refused.Options.SetRequestHeader("X-Bad", header);
            }

            return (await Assert.ThrowsAsync<WebSocketException>(() => refused.ConnectAsync(Address(gateway, path), default))).Message;
        }
    }

    private static async Task<ClientWebSocket> ConnectAsync(TestGateway gateway, int version, string? protocol = null)
    {
        var socket = new ClientWebSocket();
        if (protocol is not null)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        socket.Options.HttpVersion = new(version, version == 2 ? 0 : 1);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } }, disposeHandler: false);
        await socket.ConnectAsync(new($"wss://127.0.0.1:{gateway.Server.HttpsAddress.Port}/chat/room"), invoker, default).WaitAsync(TimeSpan.FromSeconds(20));
        return socket;
    }

    private static Task<TestGateway> StartAsync(TestBackend backend, int version) => TestGateway.StartAsync(
        Entities.Api("chat", "chat", backend.Address.ToString().Replace("http", "ws", StringComparison.Ordinal), protocols: ["ws", "wss"]) with { Type = "websocket", Operations = [] },
        Entities.Policy("apis/chat", $"<policies><inbound><base /></inbound><backend><forward-request http-version=\"{version}\" /></backend><outbound /><on-error /></policies>"));

    private static Task<TestGateway> StartAsync(TestBackend backend) => TestGateway.StartAsync(
        Entities.Api("chat", "chat", backend.Address.ToString().Replace("http", "ws", StringComparison.Ordinal), protocols: ["ws", "wss"]) with { Type = "websocket", Operations = [] });

    private static Uri Address(TestGateway gateway, string path) => new($"ws://127.0.0.1:{gateway.Server.HttpAddress.Port}{path}");

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, default).WaitAsync(TimeSpan.FromSeconds(10));
            all.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return Encoding.UTF8.GetString(all.ToArray());
            }
        }
    }

    private static Task<TestBackend> EchoAsync(TaskCompletionSource<WebSocketCloseStatus?> closed, HttpProtocols protocols = HttpProtocols.Http1) => TestBackend.StartAsync(async context =>
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault());
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var result = await socket.ReceiveAsync(buffer, default);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", default);
                    closed.TrySetResult(result.CloseStatus);
                    return;
                }

                await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, default);
            }
        }
        catch (Exception dropped) when (dropped is WebSocketException or IOException or OperationCanceledException)
        {
            closed.TrySetResult(null);
        }
    }, listen => listen.Protocols = protocols, app => app.UseWebSockets());
}
