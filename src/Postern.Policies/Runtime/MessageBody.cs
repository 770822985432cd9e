namespace Postern.Policies.Runtime;

/// <summary>
/// A body that streams unless a policy reads it. It is in one of four states: none, streaming (nobody read it), buffered,
/// or consumed (an expression took it without <c>preserveContent</c>).
/// </summary>
public sealed class MessageBody
{
    /// <summary>Bytes that a policy may hold in memory for one body; more fails the reading policy.</summary>
    public const int BufferLimit = 64 * 1024 * 1024;

    private Stream? _stream;
    private ReadOnlyMemory<byte> _bytes;

    public MessageBodyState State { get; private set; }

    /// <summary>True when a policy replaced or read the body, so that lengths declared by the sender no longer hold.</summary>
    public bool Changed { get; private set; }

    /// <summary>True once bytes of a streaming body may have gone to a backend: it can't be sent again.</summary>
    public bool WasSent { get; private set; }

    /// <summary>The unread stream; valid while <see cref="State"/> is <see cref="MessageBodyState.Streaming"/>.</summary>
    public Stream? Stream => _stream;

    /// <summary>Valid while <see cref="State"/> is <see cref="MessageBodyState.Buffered"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    public void SetStream(Stream stream)
    {
        _stream = stream;
        _bytes = default;
        State = MessageBodyState.Streaming;
        WasSent = false;
    }

    /// <summary>Puts a stream that gives the same bytes in the place of the one that streams.</summary>
    public void Watch(Func<Stream, Stream> watcher) => _stream = watcher(_stream!);

    /// <summary>Replaces the body.</summary>
    public void SetBytes(ReadOnlyMemory<byte> bytes)
    {
        _stream = null;
        _bytes = bytes;
        State = MessageBodyState.Buffered;
        Changed = true;
    }

    public void SetEmpty()
    {
        Reset();
        Changed = true;
    }

    /// <summary>Reads a streaming body into memory. Expressions that touch a body are preceded by this, so they never block.</summary>
    /// <param name="limit">Bytes that it may have; no more than one buffer beyond it is ever read.</param>
    /// <exception cref="MessageBodyTooLargeException">The body is longer than <paramref name="limit"/>.</exception>
    public async ValueTask BufferAsync(CancellationToken cancellation, int limit = BufferLimit)
    {
        if (!await TryBufferAsync(limit, cancellation))
        {
            throw new MessageBodyTooLargeException(limit);
        }
    }

    /// <summary>Reads a streaming body into memory when it is no longer than that.</summary>
    /// <returns>False when it is longer: it then still streams, from its first byte.</returns>
    public async ValueTask<bool> TryBufferAsync(int limit, CancellationToken cancellation)
    {
        if (State != MessageBodyState.Streaming)
        {
            return State != MessageBodyState.Buffered || _bytes.Length <= limit;
        }

        var buffer = new MemoryStream();
        var chunk = System.Buffers.ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            int read;
            while ((read = await _stream!.ReadAsync(chunk, cancellation)) > 0)
            {
                // Growing and copying a large body takes milliseconds.
                if (SocketThread.IsCurrent && buffer.Length > 64 * 1024)
                {
                    await SocketThread.LeaveAsync();
                }

                buffer.Write(chunk, 0, read);
                if (buffer.Length > limit)
                {
                    _stream = new PrefixedStream(buffer.ToArray(), _stream);
                    return false;
                }
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(chunk);
        }

        _stream = null;
        _bytes = buffer.ToArray();
        State = MessageBodyState.Buffered;
        return true;
    }

    /// <summary>To be called before the first byte of a streaming body is read to be sent.</summary>
    public void MarkSent() => WasSent = true;

    /// <summary>Hands the bytes to a reader that does not keep them for the next one.</summary>
    public void Consume()
    {
        _bytes = default;
        State = MessageBodyState.Consumed;
        Changed = true;
    }

    public void Reset()
    {
        _stream = null;
        _bytes = default;
        State = MessageBodyState.None;
        Changed = false;
    }
}

/// <summary>A policy was about to read a body that is longer than it may be, mostly <see cref="MessageBody.BufferLimit"/>.</summary>
public sealed class MessageBodyTooLargeException(int limit)
    : Exception($"The message body is longer than {limit} bytes, the most a policy may read.");

public enum MessageBodyState : byte
{
    None,
    Streaming,
    Buffered,
    Consumed,
}
