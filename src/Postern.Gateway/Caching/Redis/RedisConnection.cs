using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace Postern.Gateway.Caching.Redis;

/// <summary>
/// One connection for all requests: commands go out in the order in which they come, many in one write, and replies come back in the same
/// order. What does not fit into its queue is turned away, never waited for.
/// </summary>
internal sealed class RedisConnection : IDisposable
{
    private const int MostWaiting = 4096;
    private const long MostWaitingBytes = 32 * 1024 * 1024;

    /// <summary>Bytes of what a cluster says of its members.</summary>
    private const int LongestTopology = 256 * 1024;

    private readonly Stream _stream;
    private readonly int _largestValue;
    private readonly Action<RespReply> _refused;
    private readonly Func<RedisCommand, RespReply, bool> _redirect;
    private readonly Channel<RedisCommand> _outgoing =
        Channel.CreateBounded<RedisCommand>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly ConcurrentQueue<RedisCommand> _sent = new();
    private readonly CancellationTokenSource _closing = new();
    private long _waitingBytes;
    private string? _reason;
    private volatile bool _silent;

    /// <param name="largestValue">Bytes of a value in a reply; a server that sends more is left.</param>
    /// <param name="refused">Told of every error reply, from the reading loop: must not block.</param>
    /// <param name="redirect">Asked first about every error reply, likewise; true when it sent the command elsewhere.</param>
    public RedisConnection(Stream stream, int largestValue, Action<RespReply> refused, Func<RedisCommand, RespReply, bool> redirect)
    {
        _redirect = redirect;
        _stream = stream;
        _largestValue = largestValue;
        _refused = refused;
        Closed = RunAsync();
    }

    /// <summary>Done when the connection ended, with the reason.</summary>
    public Task<string> Closed { get; }

    /// <summary>A command had no answer in time and no other came since: asking more would only make more requests wait.</summary>
    public bool IsSilent => _silent;

    /// <returns>False when the connection is closed or too much waits already.</returns>
    public bool TrySend(RedisCommand command)
    {
        command.Carrier = this;
        if (Interlocked.Add(ref _waitingBytes, command.Size) <= MostWaitingBytes && _outgoing.Writer.TryWrite(command))
        {
            return true;
        }

        Interlocked.Add(ref _waitingBytes, -command.Size);
        return false;
    }

    /// <summary>
    /// To be called when an answer did not come in time. A first one sends a question of its own, whose answer ends the silence; when there
    /// is none for <paramref name="patience"/> the connection is given up.
    /// </summary>
    public void MissedAnswer(TimeProvider time, TimeSpan patience)
    {
        if (!_silent)
        {
            _silent = true;
            TrySend(RedisCommand.Of("PING"));
            _ = GiveUpAfterAsync(time, patience);
        }
    }

    public void Abort(string reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        try
        {
            _closing.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself meanwhile.
        }
    }

    public void Dispose() => Abort("The gateway closed it.");

    private async Task GiveUpAfterAsync(TimeProvider time, TimeSpan patience)
    {
        await Task.WhenAny(Task.Delay(patience, time), Closed);
        if (_silent)
        {
            Abort($"No answer for {patience.TotalSeconds:0.#} seconds.");
        }
    }

    private async Task<string> RunAsync()
    {
        await Task.Yield();
        var reading = ReadAsync(_closing.Token);
        var writing = WriteAsync(_closing.Token);
        var ended = await Task.WhenAny(reading, writing);
        Abort(await ended);
        _outgoing.Writer.TryComplete();
        await _stream.DisposeAsync();
        await Task.WhenAll(reading, writing);
        while (_sent.TryDequeue(out var command) || _outgoing.Reader.TryRead(out command))
        {
            command.Answer(default);
        }

        _silent = false;
        return _reason!;
    }

    private async Task<string> WriteAsync(CancellationToken closing)
    {
        var output = PipeWriter.Create(_stream, new(leaveOpen: true));
        try
        {
            while (await _outgoing.Reader.WaitToReadAsync(closing))
            {
                var written = 0L;
                while (written < 256 * 1024 && _outgoing.Reader.TryRead(out var command))
                {
                    // First among those that wait for an answer: it may come before this loop goes on.
                    if (command.Asking is { } asking)
                    {
                        _sent.Enqueue(asking);
                        asking.WriteTo(output);
                    }

                    _sent.Enqueue(command);
                    command.WriteTo(output);
                    written += command.Size;
                }

                await output.FlushAsync(closing);
                Interlocked.Add(ref _waitingBytes, -written);
            }
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            return broken.Message;
        }

        return "It was closed.";
    }

    private async Task<string> ReadAsync(CancellationToken closing)
    {
        var input = PipeReader.Create(_stream, new(bufferSize: 16 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(closing);
                var buffer = result.Buffer;
                while (RespReader.TryRead(ref buffer, Math.Max(_largestValue + 1, LongestTopology), out var reply))
                {
                    Deliver(reply);
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    return "The server closed the connection.";
                }
            }
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException or ObjectDisposedException or InvalidDataException or InvalidOperationException)
        {
            return broken.Message;
        }
        finally
        {
            await input.CompleteAsync();
        }
    }

    private void Deliver(RespReply reply)
    {
        if (!_sent.TryDequeue(out var command))
        {
            throw new InvalidDataException("The server answers what nobody asked.");
        }

        _silent = false;
        if (reply.Kind == RespKind.Error)
        {
            if (_redirect(command, reply))
            {
                return;
            }

            _refused(reply);
        }

        command.Answer(reply);
    }
}
