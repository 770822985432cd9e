using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Listening;

/// <summary>
/// A connection's input whose reads end on the thread pool: for TLS, whose handshake computes and may fetch over the network, and for HTTP/2,
/// whose frames may come without end. See docs/decisions/0051-inline-completions.md.
/// </summary>
internal sealed class PoolReader(PipeReader input) : PipeReader
{
    public static ConnectionDelegate Middleware(ConnectionDelegate next) => connection =>
    {
        connection.Transport = Wrap(connection.Transport);
        return next(connection);
    };

    public static IDuplexPipe Wrap(IDuplexPipe transport) => SocketThread.RunsRequests ? new Pipe(new PoolReader(transport.Input), transport.Output) : transport;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = input.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully && !SocketThread.IsCurrent ? reading : LeaveAsync(reading);
    }

    public override bool TryRead(out ReadResult result) => input.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => input.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<ReadResult> LeaveAsync(ValueTask<ReadResult> reading)
    {
        var result = await reading;
        await SocketThread.LeaveAsync();
        return result;
    }

    private sealed record Pipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
