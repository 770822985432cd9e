using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Postern.Gateway.Listening;

/// <summary>
/// HTTP/2 without TLS on the same port as HTTP/1.1. The server decides on one protocol per endpoint, so a connection that opens with the
/// HTTP/2 preface is handed over to an endpoint inside the process that speaks HTTP/2 only.
/// </summary>
internal static class PriorKnowledge
{
    /// <summary>How long a connection may be silent before its first bytes; the server's keep-alive time.</summary>
    private static readonly TimeSpan FirstBytes = TimeSpan.FromSeconds(130);

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static Func<ConnectionDelegate, ConnectionDelegate> Middleware(HandOverListenerFactory http2, TimeProvider time) =>
        next => connection => ServeAsync(connection, next, http2, time);

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next, HandOverListenerFactory http2, TimeProvider time)
    {
        bool isHttp2;
        try
        {
            isHttp2 = await BeginsWithPrefaceAsync(connection.Transport.Input, time);
        }
        catch (Exception gone) when (gone is OperationCanceledException or ConnectionResetException or ConnectionAbortedException)
        {
            return;
        }

        await (isHttp2 ? http2.HandOverAsync(connection) : next(connection));
    }

    private static async ValueTask<bool> BeginsWithPrefaceAsync(PipeReader input, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(FirstBytes, time);
        while (true)
        {
            var result = await input.ReadAsync(limit.Token);
            var buffer = result.Buffer;
            var decided = Decide(buffer);
            if (decided is null && !result.IsCompleted)
            {
                input.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            // Nothing is taken: whoever serves the connection reads it from its first byte.
            input.AdvanceTo(buffer.Start);
            return decided ?? false;
        }
    }

    /// <returns>Null while the bytes so far could become the preface.</returns>
    private static bool? Decide(in ReadOnlySequence<byte> buffer)
    {
        var length = (int)Math.Min(buffer.Length, Preface.Length);
        Span<byte> start = stackalloc byte[length];
        buffer.Slice(0, length).CopyTo(start);
        return !Preface.StartsWith(start) ? false : length == Preface.Length ? true : null;
    }
}
