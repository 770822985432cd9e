using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// WebSocket pass-through: policies see the handshake only; afterwards bytes go both ways unread until one side closes, which closes both.
/// </summary>
internal static class WebSockets
{
    /// <summary>RFC 6455 7.4.1: the endpoint goes down.</summary>
    private const ushort GoingAway = 1001;

    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(5);

    /// <summary>Takes over both connections after the backend answered 101.</summary>
    public static async ValueTask SwitchAsync(GatewayExchange exchange)
    {
        if (!exchange.IsWebSocket || exchange.BackendResponse?.Upgraded is not { } backend)
        {
            throw new BackendException(BackendFailure.Connection, "The backend switched protocols without being asked to.");
        }

        // Neither side has to say anything for as long as it likes.
        exchange.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        if (exchange.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        await using var client = await WebSocketHandshake.ConsentAsync(exchange);
        await client.FlushAsync();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(exchange.Context.Aborted);
        using var down = new WebSocketPump(backend, client, WebSocketFrames.CloseFrame(GoingAway, masked: false));
        using var up = new WebSocketPump(client, backend, WebSocketFrames.CloseFrame(GoingAway, masked: true));
        var received = down.RunAsync(ended.Token);
        var sent = up.RunAsync(ended.Token);
        await EndAsync(exchange, Task.WhenAny(received, sent), async () =>
        {
            await Task.WhenAll(down.SayGoodbyeAsync(ended.Token), up.SayGoodbyeAsync(ended.Token));
            await Task.WhenAll(received, sent);
        });

        // One side said all it had to say; what it sent is passed on already.
        await ended.CancelAsync();
        exchange.BackendResponse.Dispose();
        exchange.ResponseSize = await received;
        await sent;
    }

    /// <summary>Done when one side ended; when the gateway stops, after both were told and had time to answer.</summary>
    private static async Task EndAsync(GatewayExchange exchange, Task oneSide, Func<Task> sayGoodbye)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (exchange.Stopping.Register(stopping.SetResult))
        {
            if (await Task.WhenAny(oneSide, stopping.Task) == oneSide)
            {
                return;
            }
        }

        await Task.WhenAny(sayGoodbye(), Task.Delay(LongestGoodbye, exchange.Time));
    }
}
