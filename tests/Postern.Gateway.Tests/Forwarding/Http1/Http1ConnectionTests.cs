using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Postern.Gateway.Forwarding.Http1;

namespace Postern.Gateway.Tests.Forwarding.Http1;

public sealed class Http1ConnectionTests
{
    /// <summary>A caller may go while the gateway waits for the body's first byte: that wait is then nobody's.</summary>
    [Fact]
    public async Task A_read_that_nobody_waits_for_any_more_writes_into_no_buffer_of_another_exchange()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint);
        using var backend = await listener.AcceptSocketAsync();
        using var connection = new Http1Connection(socket, null, TimeProvider.System);
        connection.Begin(Timeout.InfiniteTimeSpan, default);
        var filling = connection.FillAsync().AsTask();

        var reusable = connection.End();
        var rented = Enumerable.Range(0, 64).Select(_ => ArrayPool<byte>.Shared.Rent(8 * 1024)).ToList();
        rented.ForEach(array => array.AsSpan().Clear());
        await backend.SendAsync("poison"u8.ToArray());
        await filling.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.False(reusable);
        Assert.All(rented, array => Assert.False(array.AsSpan().ContainsAnyExcept((byte)0)));
        rented.ForEach(array => ArrayPool<byte>.Shared.Return(array));
    }
}
