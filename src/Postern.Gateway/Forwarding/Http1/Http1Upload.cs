using System.Buffers;
using System.Globalization;
using System.Text;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>A request's body on its way to the backend, at the same time as the answer is awaited: a backend may answer before the end.</summary>
internal sealed class Http1Upload
{
    private const int BufferSize = 16 * 1024;

    /// <summary>Room for a chunk's size line before the data and its line end after it: each piece is one write.</summary>
    private const int SizeRoom = 8;

    private readonly CallersBody _callers;
    private readonly Task _sending;

    public Http1Upload(Http1Connection connection, GatewayExchange exchange, BackendEndpoint endpoint)
    {
        _callers = exchange.RequestBody;
        _sending = SendAsync(connection, exchange, endpoint);
    }

    /// <summary>The whole body went out.</summary>
    public bool IsComplete => _sending.IsCompletedSuccessfully;

    /// <summary>Set when the caller's body could not be read to its end.</summary>
    public Exception? CallerFailure { get; private set; }

    /// <summary>
    /// Stops reading the caller's body and waits until nobody uses it: the next request of the caller's connection may follow. A piece that
    /// the backend does not take is waited for until the connection to it is closed.
    /// </summary>
    public async ValueTask StopAsync()
    {
        Stop();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>As <see cref="StopAsync"/>, for who can't wait.</summary>
    public void Stop()
    {
        if (!_sending.IsCompleted)
        {
            _callers.Stop();
        }
    }

    private async Task SendAsync(Http1Connection connection, GatewayExchange exchange, BackendEndpoint endpoint)
    {
        var body = exchange.Context.Request.Body.Stream!;
        var length = RequestLength.Of(exchange.Context.Request);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (var first = true; ; first = false)
            {
                if (SocketThread.IsCurrent && !first)
                {
                    // Two quick ends must not keep the thread that waits for sockets.
                    await SocketThread.LeaveAsync();
                }

                int read;
                try
                {
                    read = await body.ReadAsync(buffer.AsMemory(SizeRoom, BufferSize - SizeRoom - 2));
                }
                catch (Exception failed) when (!_callers.IsStopped)
                {
                    // Half a request must not look like a whole one.
                    CallerFailure = failed;
                    connection.Abort(AbortReason.Client);
                    throw;
                }

                if (length is not null)
                {
                    if (read == 0)
                    {
                        return;
                    }

                    await connection.SendAsync(buffer.AsMemory(SizeRoom, read));
                    continue;
                }

                if (read == 0)
                {
                    await connection.SendAsync(RequestTrailers.LastChunk(exchange, endpoint));
                    return;
                }

                await connection.SendAsync(Chunk(buffer, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes the size line right before the data, which begins at <see cref="SizeRoom"/>.</summary>
    private static ReadOnlyMemory<byte> Chunk(byte[] buffer, int length)
    {
        var size = length.ToString("x", CultureInfo.InvariantCulture);
        var start = SizeRoom - 2 - size.Length;
        Encoding.ASCII.GetBytes(size, buffer.AsSpan(start));
        "\r\n"u8.CopyTo(buffer.AsSpan(SizeRoom - 2));
        "\r\n"u8.CopyTo(buffer.AsSpan(SizeRoom + length));
        return buffer.AsMemory(start, SizeRoom - start + length + 2);
    }
}
