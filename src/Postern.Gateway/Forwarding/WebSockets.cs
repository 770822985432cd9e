using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// WebSocket pass-through: policies see the handshake only; afterwards bytes go both ways unread until one side closes, which closes both.
/// </summary>
internal static class WebSockets
{
    private const int BufferSize = 16 * 1024;

    public static bool IsHandshake(GatewayExchange exchange) =>
        string.Equals(exchange.Request.Headers.Upgrade.ToString(), "websocket", StringComparison.OrdinalIgnoreCase)
        && exchange.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };

    /// <summary>Takes over both connections after the backend answered 101.</summary>
    public static async ValueTask SwitchAsync(GatewayExchange exchange)
    {
        if (exchange.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade || exchange.BackendResponse?.Upgraded is not { } backend)
        {
            throw new BackendException(BackendFailure.Connection, "The backend switched protocols without being asked to.");
        }

        // The server writes Connection and status itself; Upgrade and the handshake's headers are the backend's.
        exchange.Response.StatusCode = 101;
        exchange.Response.Headers.ContentLength = null;
        exchange.Response.Headers.Upgrade = "websocket";
        await using var client = await upgrade.UpgradeAsync();
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
