using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>Sends what the policies left in <see cref="PolicyContext.Response"/> to the caller.</summary>
internal static class ResponseSender
{
    /// <summary>Room asked of the server's buffer for one read from the backend.</summary>
    private const int ReadSize = 4096;

    /// <summary>Bytes after which a body leaves the thread that waits for sockets: two quick ends must not keep it.</summary>
    internal const int LongBody = 64 * 1024;

    /// <exception cref="IOException">The backend broke off; the caller's connection must be aborted.</exception>
    public static ValueTask SendAsync(GatewayExchange exchange)
    {
        var response = exchange.Context.Response;
        var headers = response.Headers;
        if (response.StatusCode == 101)
        {
            return WebSockets.SwitchAsync(exchange);
        }

        exchange.Response.StatusCode = response.StatusCode;
        if (response.Reason is { } reason)
        {
            exchange.Response.ReasonPhrase = reason;
        }

        // Framing is the server's; whatever a policy wrote there would contradict the body.
        if (headers.TransferEncoding.Count > 0)
        {
            headers.TransferEncoding = default;
        }

        if (!HttpMethodRules.HasResponseBody(exchange.Request.Method, response.StatusCode))
        {
            if (response.StatusCode is 204 or < 200)
            {
                headers.ContentLength = null;
            }

            return default;
        }

        if (response.Body.State == MessageBodyState.Streaming)
        {
            return ChunkedResponse.IsWanted(exchange)
                ? ChunkedResponse.CopyAsync(exchange, response.Body.Stream!)
                : CopyAsync(exchange, response.Body.Stream!);
        }

        headers.Trailer = default;
        switch (response.Body.State)
        {
            case MessageBodyState.Buffered:
                var bytes = response.Body.Bytes;
                headers.ContentLength = bytes.Length;
                exchange.ResponseSize = bytes.Length;
                var write = exchange.ResponseBody.Writer.WriteAsync(bytes);
                return write.IsCompletedSuccessfully ? default : new(write.AsTask());
            default:
                headers.ContentLength = 0;
                return default;
        }
    }

    private static async ValueTask CopyAsync(GatewayExchange exchange, Stream body)
    {
        var backend = exchange.BackendResponse;
        var aborted = exchange.Context.Aborted;
        var declared = backend?.ContentLength;
        exchange.Context.Response.Headers.ContentLength = declared;
        if (!exchange.IsMultiplexed)
        {
            exchange.Context.Response.Headers.Trailer = default;
        }

        var near = backend?.WaitForBodyAsync(aborted) ?? default;
        var waits = !near.IsCompletedSuccessfully;
        if (!waits && declared is null && exchange.IsMultiplexed && await SendFirstAsync(exchange, body) == 0)
        {
            CopyTrailers(exchange, backend);
            return;
        }

        // Starting first lets reads go straight into the connection's buffer.
        var start = exchange.ResponseBody.StartAsync(aborted);
        if (!start.IsCompletedSuccessfully)
        {
            await start;
        }

        var writer = exchange.ResponseBody.Writer;
        if (waits)
        {
            await writer.FlushAsync(aborted);
            await near;
        }

        var remaining = (declared ?? long.MaxValue) - exchange.ResponseSize;
        var flushed = waits || exchange.ResponseSize > 0;
        while (remaining > 0)
        {
            if (SocketThread.IsCurrent && exchange.ResponseSize > LongBody)
            {
                await SocketThread.LeaveAsync();
            }

            var read = await body.ReadAsync(writer.GetMemory(ReadSize), aborted);
            if (read == 0)
            {
                break;
            }

            remaining -= read;
            exchange.ResponseSize += read;
            writer.Advance(read);

            // A short body goes out with its headers when the exchange ends; the server does not do the same after a first flush.
            if (remaining > 0 || flushed)
            {
                flushed = true;
                var flush = await writer.FlushAsync(aborted);
                if (flush.IsCompleted)
                {
                    exchange.FailureReason = "ClientConnectionFailure";
                    return;
                }
            }
        }

        if (declared is not null && remaining > 0)
        {
            throw new IOException($"The backend closed its connection {remaining} bytes before the end of the response.");
        }

        CopyTrailers(exchange, backend);
    }

    /// <summary>HTTP/2 has a place for trailers; for HTTP/1.1 see <see cref="ChunkedResponse"/>.</summary>
    private static void CopyTrailers(GatewayExchange exchange, IBackendResponse? backend)
    {
        if (backend is not null && exchange.IsMultiplexed && exchange.Features.Get<IHttpResponseTrailersFeature>() is { } feature)
        {
            backend.CopyTrailers(feature.Trailers);
        }
    }

    /// <summary>
    /// HTTP/2 tells by the headers themselves that no body follows; gRPC clients insist on it for answers that are an error only. So the
    /// first piece is read before the response starts.
    /// </summary>
    /// <returns>Bytes sent; 0 at the body's end, with nothing started.</returns>
    private static async ValueTask<int> SendFirstAsync(GatewayExchange exchange, Stream body)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            var read = await body.ReadAsync(buffer, exchange.Context.Aborted);
            if (read > 0)
            {
                await exchange.ResponseBody.Writer.WriteAsync(buffer.AsMemory(0, read), exchange.Context.Aborted);
                exchange.ResponseSize = read;
            }

            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
