using System.Buffers;
using System.Net;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>The caller's body on its way: each piece is passed on as it comes, never gathered.</summary>
internal sealed class StreamedContent(MessageBody body, long? length) : HttpContent
{
    private const int BufferSize = 32 * 1024;

    private readonly CancellationTokenSource _stop = new();
    private Task _sending = Task.CompletedTask;

    /// <summary>Stops reading the caller's body and waits until nobody uses it.</summary>
    public async ValueTask StopAsync()
    {
        await _stop.CancelAsync();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
        if (body.WasSent)
        {
            // The platform's client sends a request again when the backend refused its stream.
            throw new IOException("The request's body was sent before and was not kept.");
        }

        var from = body.Stream!;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            // Headers first: the backend may refuse before it sees a byte of the body.
            await stream.FlushAsync(either.Token);
            body.MarkSent();
            int read;
            while ((read = await from.ReadAsync(buffer, either.Token)) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read), either.Token);
                await stream.FlushAsync(either.Token);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
