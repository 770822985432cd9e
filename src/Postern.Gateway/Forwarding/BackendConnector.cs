using System.Net;
using System.Net.Sockets;
using Postern.Hosting.Sockets;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// Opens connections to backends. A name is looked up for each new connection and connections live for a limited time, so that a backend
/// whose name leads elsewhere is followed, however busy the old connections are.
/// </summary>
/// <param name="resolve">Addresses of a name, best first.</param>
/// <param name="lifetime">After it a connection takes no new requests.</param>
internal sealed class BackendConnector(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeSpan lifetime)
{
    public TimeSpan Lifetime => lifetime;

    /// <summary>For the platform's client, whose work is none for a thread that waits for sockets.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellation);
        if (!InlineCompletions.AreOn)
        {
            return new NetworkStream(socket, ownsSocket: true);
        }

        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return new PoolStream(socket);
    }

    /// <exception cref="SocketException">The name is unknown, or nobody answers at its addresses.</exception>
    public async ValueTask<Socket> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellation);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
