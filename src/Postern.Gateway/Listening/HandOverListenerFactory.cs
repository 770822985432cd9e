using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Postern.Gateway.Listening;

/// <summary>The address of an endpoint that takes its connections from other endpoints of the same server.</summary>
internal sealed class HandOverEndPoint : EndPoint
{
    public override string ToString() => "hand-over";
}

/// <summary>A transport without sockets: its connections are handed over by <see cref="HandOverAsync"/>.</summary>
internal sealed class HandOverListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>();

    public bool CanBind(EndPoint endpoint) => endpoint is HandOverEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(new Listener(_connections, endpoint));

    /// <summary>Returns when the connection was served to its end.</summary>
    public Task HandOverAsync(ConnectionContext connection)
    {
        var handed = new HandedConnection(connection);
        return _connections.Writer.TryWrite(handed) ? handed.Served : Task.CompletedTask;
    }

    private sealed class Listener(Channel<ConnectionContext> connections, EndPoint endpoint) : IConnectionListener
    {
        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await connections.Reader.WaitToReadAsync(cancellationToken) && connections.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            connections.Writer.TryComplete();
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
