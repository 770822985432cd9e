using System.Buffers;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// WebSocket pass-through: policies see the handshake only; afterwards bytes go both ways unread until one side closes, which closes both.
/// </summary>
internal static class WebSockets
{
    private const int BufferSize = 16 * 1024;

    /// <summary>Takes over both connections after the backend answered 101.</summary>
    public static async ValueTask SwitchAsync(GatewayExchange exchange)
    {
        if (!exchange.IsWebSocket || exchange.BackendResponse?.Upgraded is not { } backend)
        {
            throw new BackendException(BackendFailure.Connection, "The backend switched protocols without being asked to.");
        }

        // Neither side has to say anything for as long as it likes.
        exchange.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        await using var client = await WebSocketHandshake.ConsentAsync(exchange);
        await client.FlushAsync();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(exchange.Context.Aborted);
        var down = PumpAsync(backend, client, ended.Token);
        var up = PumpAsync(client, backend, ended.Token);
        await Task.WhenAny(down, up);

        // One side said all it had to say; what it sent is passed on already.
        await ended.CancelAsync();
        exchange.BackendResponse.Dispose();
        exchange.ResponseSize = await down;
        await up;
    }

    private static async Task<long> PumpAsync(Stream from, Stream to, CancellationToken ended)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        long total = 0;
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, ended)) > 0)
            {
                await SocketThread.LeaveAsync();
                await to.WriteAsync(buffer.AsMemory(0, read), ended);
                await to.FlushAsync(ended);
                total += read;
            }
        }
        catch (Exception closed) when (closed is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Either end may close at any time.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return total;
    }
}
