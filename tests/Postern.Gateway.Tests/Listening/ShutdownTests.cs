using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Listening;

public sealed class ShutdownTests
{
    [Fact]
    public async Task Requests_in_flight_finish_while_no_new_connection_is_taken()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("first ");
            await context.Response.Body.FlushAsync();
            arrived.TrySetResult();
            await release.Task;
            await context.Response.WriteAsync("last");
        });
        await using var gateway = await StartAsync(backend);
        var request = gateway.Client.GetStringAsync("/chat/x");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20));

        var stopping = gateway.Server.DisposeAsync().AsTask();
        await Until.TrueAsync(async () =>
        {
            try
            {
                using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
                return false;
            }
            catch (SocketException)
            {
                return true;
            }
        });
        Assert.False(stopping.IsCompleted);
        release.SetResult();

        Assert.Equal("first last", await request.WaitAsync(TimeSpan.FromSeconds(20)));
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task What_does_not_finish_within_the_grace_period_is_cut()
    {
        var arrived = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            arrived.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var gateway = await StartAsync(backend, grace: TimeSpan.FromSeconds(1));
        var request = gateway.GetAsync("/chat/x");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20));

        await gateway.Server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        await Assert.ThrowsAsync<HttpRequestException>(() => request);
    }

    [Fact]
    public async Task Both_ends_of_a_WebSocket_are_told_with_a_close_frame()
    {
        var closed = new TaskCompletionSource<WebSocketCloseStatus?>();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1000];
            WebSocketReceiveResult result;
            while ((result = await socket.ReceiveAsync(buffer, default)).MessageType != WebSocketMessageType.Close)
            {
                await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, default);
            }

            closed.SetResult(socket.CloseStatus);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "bye", default);
        }, configure: app => app.UseWebSockets());
        await using var gateway = await StartAsync(backend);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(gateway.Server.HttpAddress) { Scheme = "ws", Path = "/chat/x" }.Uri, default);
        await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, default);
        await socket.ReceiveAsync(new byte[10], default).WaitAsync(TimeSpan.FromSeconds(20));

        var stopping = gateway.Server.DisposeAsync().AsTask();
        var result = await socket.ReceiveAsync(new byte[10], default).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.EndpointUnavailable), (result.MessageType, socket.CloseStatus!.Value));
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await closed.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", default);
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private static async Task<TestGateway> StartAsync(TestBackend backend, TimeSpan? grace = null)
    {
        var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, Entities.Api("chat", "chat", backend.Address.ToString(), protocols: ["http", "https", "ws", "wss"])]);
        await gateway.StartServerAsync(options => options with { ShutdownGrace = grace ?? TimeSpan.FromSeconds(30) });
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        return gateway;
    }
}
