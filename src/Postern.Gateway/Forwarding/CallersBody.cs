using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// The body of the caller's request. An upload of it may be stopped at any time without harm to the caller's connection: the server then
/// skips what is left and reads the next request, which it can't after a read that was ended by its token. Used again by each exchange.
/// </summary>
internal sealed class CallersBody : ForwardStream
{
    private PipeReader _reader = null!;
    private volatile bool _stopped;

    public bool IsStopped => _stopped;

    public void Begin(PipeReader reader)
    {
        _reader = reader;
        _stopped = false;
    }

    /// <summary>Ends the read that waits, or the next one.</summary>
    public void Stop()
    {
        _stopped = true;
        _reader.CancelPendingRead();
    }

    /// <exception cref="IOException">It was stopped, or the caller went away.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_stopped)
        {
            var result = await _reader.ReadAsync(cancellationToken);
            var unread = result.Buffer;
            if (result.IsCanceled)
            {
                _reader.AdvanceTo(unread.Start);
                continue;
            }

            var count = (int)Math.Min(unread.Length, buffer.Length);
            unread.Slice(0, count).CopyTo(buffer.Span);
            _reader.AdvanceTo(unread.GetPosition(count));
            if (count > 0 || result.IsCompleted || buffer.IsEmpty)
            {
                return count;
            }
        }

        throw new IOException("The request's body is no longer read: its upload was stopped.");
    }
}
