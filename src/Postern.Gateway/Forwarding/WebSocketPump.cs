using System.Buffers;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>One direction of a WebSocket: passes bytes on as they come, and can end it with a close frame where one frame ends.</summary>
internal sealed class WebSocketPump(Stream from, Stream to, byte[] goodbye) : IDisposable
{
    private const int BufferSize = 16 * 1024;

    private readonly WebSocketFrames _frames = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private bool _goodbyeIsDue;
    private bool _saidGoodbye;

    /// <returns>Bytes passed on, when the sender ended or either side broke off.</returns>
    public async Task<long> RunAsync(CancellationToken ended)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        long total = 0;
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, ended)) > 0)
            {
                await SocketThread.LeaveAsync();
                total += await PassAsync(buffer.AsMemory(0, read), ended);
                if (_saidGoodbye && _frames.HasClosed)
                {
                    // The sender answered the close frame that the other direction brought it, or closed by itself.
                    break;
                }
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

    /// <summary>Sends the receiver a close frame, now or after the frame that is under way; what the sender still says is not passed on.</summary>
    public async Task SayGoodbyeAsync(CancellationToken ended)
    {
        try
        {
            await _writing.WaitAsync(ended);
            try
            {
                _goodbyeIsDue = true;
                await SayWhenDueAsync(ended);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception closed) when (closed is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The receiver is gone already.
        }
    }

    public void Dispose() => _writing.Dispose();

    private async ValueTask<int> PassAsync(ReadOnlyMemory<byte> bytes, CancellationToken ended)
    {
        await _writing.WaitAsync(ended);
        try
        {
            if (_saidGoodbye)
            {
                _frames.Pass(bytes.Span);
                return 0;
            }

            await to.WriteAsync(bytes, ended);
            await to.FlushAsync(ended);
            _frames.Pass(bytes.Span);
            await SayWhenDueAsync(ended);
            return bytes.Length;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async ValueTask SayWhenDueAsync(CancellationToken ended)
    {
        if (_goodbyeIsDue && !_saidGoodbye && _frames.AtBoundary)
        {
            _saidGoodbye = true;
            if (!_frames.HasClosed)
            {
                await to.WriteAsync(goodbye, ended);
                await to.FlushAsync(ended);
            }
        }
    }
}
