using System.Buffers;
using System.Net;

namespace Postern.Gateway.Forwarding;

/// <summary>The caller's body on its way: each piece is passed on as it comes, never gathered.</summary>
internal sealed class StreamedContent(GatewayExchange exchange, long? length) : HttpContent
{
    private const int BufferSize = 32 * 1024;

    private Task _sending = Task.CompletedTask;

    /// <summary>Stops reading the caller's body, where it is one, and waits until nobody uses it.</summary>
    public static ValueTask StopAsync(HttpContent? content) => content switch
    {
        StreamedContent upload => upload.StopAsync(),
        ExpectedContent { Body: StreamedContent upload } => upload.StopAsync(),
        _ => default,
    };

    private async ValueTask StopAsync()
    {
        if (!_sending.IsCompleted)
        {
            exchange.RequestBody.Stop();
            await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _sending = SendAsync(stream, cancellationToken);

    protected override bool TryComputeLength(out long computed)
    {
        computed = length ?? 0;
        return length is not null;
    }

    private async Task SendAsync(Stream stream, CancellationToken cancellation)
    {
        if (exchange.Context.Request.Body is { WasSent: true })
        {
            // The platform's client sends a request again when the backend refused its stream.
            throw new IOException("The request's body was sent before and was not kept.");
        }

        using var stop = cancellation.UnsafeRegister(static body => ((CallersBody)body!).Stop(), exchange.RequestBody);
        var body = exchange.Context.Request.Body.Stream!;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            // Headers first: the backend may refuse before it sees a byte of the body.
            await stream.FlushAsync(cancellation);
            exchange.Context.Request.Body.MarkSent();
            int read;
            while ((read = await body.ReadAsync(buffer)) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellation);
                await stream.FlushAsync(cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
