using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Postern.Hosting.Sockets;

/// <summary>
/// A connection whose reads and writes end on the thread pool, even with <see cref="InlineCompletions"/>: for everything that may compute or
/// block afterwards, such as TLS handshakes (building a certificate chain may fetch over the network) and whatever uses an HTTP client.
/// </summary>
public sealed class PoolStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>: as the handler connects by itself. Null while completions aren't inline.</summary>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? Connect => InlineCompletions.AreOn ? ConnectAsync : null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        await LeaveAsync();
        return read;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        await LeaveAsync();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private static ConfiguredTaskAwaitable LeaveAsync() =>
        Task.CompletedTask.ConfigureAwait(Thread.CurrentThread.IsThreadPoolThread ? ConfigureAwaitOptions.None : ConfigureAwaitOptions.ForceYielding);

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            await LeaveAsync();
            return new PoolStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
