using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>
/// The body of one answer, read once from front to back. It lives for one exchange: with the last byte, or when disposed, it lets go of the
/// connection for good, so that nobody who still holds it can read another exchange's answer.
/// </summary>
internal sealed class Http1Response(Http1Connection connection, Http1Pool pool, BodyEnd end, long? length, bool reusable) : ForwardStream, IBackendResponse
{
    private Http1Connection? _connection = connection;
    private long _left = length ?? 0;
    private bool _complete;
    private bool _chunkBegan;
    private List<KeyValuePair<string, string>>? _trailers;

    public long? ContentLength => length;

    /// <summary>Upgrades go over the other transport.</summary>
    public Stream? Upgraded => null;

    /// <exception cref="IOException">The backend broke off or sent something malformed.</exception>
    /// <exception cref="ObjectDisposedException">The exchange is over.</exception>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_connection is not { } connection)
        {
            return _complete ? new(0) : throw new ObjectDisposedException(nameof(Http1Response));
        }

        // Most small bodies came together with the head.
        var unread = connection.Unread;
        if (end == BodyEnd.Length && !unread.IsEmpty && buffer.Length > 0)
        {
            var count = (int)Math.Min(Math.Min(unread.Length, buffer.Length), _left);
            unread[..count].CopyTo(buffer.Span);
            connection.Advance(count);
            _left -= count;
            return _left > 0 ? new(count)
                : connection.Upload is null ? Complete(count)
                : CompleteAsync(connection, count);
        }

        return buffer.IsEmpty ? new(0) : ReadMoreAsync(connection, buffer);
    }

    public ValueTask WaitForBodyAsync(CancellationToken cancellation) =>
        _connection is { Unread.IsEmpty: true } open ? FillOnceAsync(open) : default;

    public void CopyTrailers(IHeaderDictionary to)
    {
        foreach (var (name, value) in _trailers ?? [])
        {
            to[name] = StringValues.Concat(to[name], value);
        }
    }

    public ValueTask CloseAsync()
    {
        var upload = _connection?.Upload;
        Dispose();
        return upload?.StopAsync() ?? default;
    }

    /// <summary>Closes the connection when the body was not read to its end.</summary>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _connection, null) is { } open)
        {
            open.Upload?.Stop();
            open.End();
            open.Dispose();
        }
    }

    /// <summary>A closed connection shows itself to the read that follows.</summary>
    private static async ValueTask FillOnceAsync(Http1Connection connection) => await connection.FillAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadMoreAsync(Http1Connection connection, Memory<byte> buffer)
    {
        if (end == BodyEnd.Chunked && _left == 0 && !await ReadChunkHeadAsync(connection))
        {
            return await CompleteAsync(connection, 0);
        }

        var most = end == BodyEnd.Close ? buffer.Length : (int)Math.Min(buffer.Length, _left);
        var count = Math.Min(connection.Unread.Length, most);
        if (count > 0)
        {
            connection.Unread[..count].CopyTo(buffer.Span);
            connection.Advance(count);
        }
        else
        {
            count = await connection.ReceiveAsync(buffer[..most]);
        }

        if (end == BodyEnd.Close)
        {
            return count > 0 ? count : await CompleteAsync(connection, 0);
        }

        if (count == 0)
        {
            throw new IOException("The backend closed its connection before the end of the response.");
        }

        _left -= count;
        return _left == 0 && end == BodyEnd.Length ? await CompleteAsync(connection, count) : count;
    }

    /// <summary>Reads the line end of the chunk before, and the size of the next.</summary>
    /// <returns>False at the last chunk, after its trailers.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadChunkHeadAsync(Http1Connection connection)
    {
        if (_chunkBegan)
        {
            await FindLineAsync(connection);
            if (!TakeLine(connection).IsEmpty)
            {
                throw new BrokenMessageException("The backend sent a chunk that is longer than its size.");
            }
        }

        await FindLineAsync(connection);
        _left = ChunkSize.Parse(TakeLine(connection));
        _chunkBegan = true;
        if (_left > 0)
        {
            return true;
        }

        var total = 0;
        while (true)
        {
            await FindLineAsync(connection);
            var line = TakeLine(connection);
            if (line.IsEmpty)
            {
                return false;
            }

            total += line.Length;
            AddTrailer(line, total);
        }
    }

    /// <summary>Reads until the input buffer begins with a whole line.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask FindLineAsync(Http1Connection connection)
    {
        while (!connection.Unread.Contains((byte)'\n'))
        {
            if (connection.Unread.Length > ChunkSize.LongestLine)
            {
                throw new BrokenMessageException($"The backend sent a line between chunks that is longer than {ChunkSize.LongestLine} bytes.");
            }

            if (!await connection.FillAsync())
            {
                throw new IOException("The backend closed its connection before the last chunk.");
            }
        }
    }

    /// <summary>The line without its ending; good until the buffer is filled again.</summary>
    private static ReadOnlySpan<byte> TakeLine(Http1Connection connection)
    {
        var unread = connection.Unread;
        var line = HeadLines.NextLine(ref unread);
        connection.Advance(connection.Unread.Length - unread.Length);
        return line;
    }

    private void AddTrailer(ReadOnlySpan<byte> line, int total)
    {
        if (total > HeadScanner.Limit)
        {
            throw new BrokenMessageException($"The backend's trailers are longer than {HeadScanner.Limit} bytes.");
        }

        var lines = new HeadLines(line);
        lines.TryNext(out var name, out var value);
        var trailer = Encoding.Latin1.GetString(name);
        var text = Encoding.Latin1.GetString(value);
        if (TrailerFields.MayFollow(trailer, text))
        {
            (_trailers ??= []).Add(new(trailer, text));
        }
    }

    private ValueTask<int> Complete(int count)
    {
        _complete = true;
        if (Interlocked.Exchange(ref _connection, null) is { } open)
        {
            Release(open, pool, reusable && end != BodyEnd.Close);
        }

        return new(count);
    }

    private async ValueTask<int> CompleteAsync(Http1Connection connection, int count)
    {
        var whole = await connection.EndUploadAsync();
        _complete = true;
        if (Interlocked.Exchange(ref _connection, null) is { } open)
        {
            Release(open, pool, whole && reusable && end != BodyEnd.Close);
        }

        return count;
    }

    /// <summary>Ends the exchange on a connection whose answer was read to its end.</summary>
    internal static void Release(Http1Connection connection, Http1Pool pool, bool reusable)
    {
        if (connection.End() && reusable)
        {
            pool.Return(connection);
        }
        else
        {
            connection.Dispose();
        }
    }
}
