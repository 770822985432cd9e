using System.Net.Security;
using System.Net.Sockets;
using Postern.Hosting.Sockets;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>The kept connections to one host and port. The one that was used last is taken first, so that the others may grow old.</summary>
/// <param name="tls">Null for plain connections.</param>
internal sealed class Http1Pool(string host, int port, SslClientAuthenticationOptions? tls, BackendConnector connector, TimeProvider time) : IDisposable
{
    /// <summary>Backends that say nothing keep idle connections for a minute or more.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<Http1Connection> _idle = [];
    private volatile bool _closed;

    public bool IsClosed => _closed;

    /// <summary>Null when a new one must be made.</summary>
    public Http1Connection? TryTake()
    {
        while (true)
        {
            Http1Connection taken;
            lock (_gate)
            {
                if (_idle.Count == 0)
                {
                    return null;
                }

                taken = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
            }

            if (IsFresh(taken))
            {
                return taken;
            }

            taken.Dispose();
        }
    }

    /// <exception cref="SocketException">Nobody answers there.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The backend's certificate is not trusted.</exception>
    public async ValueTask<Http1Connection> ConnectAsync(CancellationToken cancellation)
    {
        var socket = await connector.ConnectAsync(host, port, cancellation);
        try
        {
            if (tls is null)
            {
                return new(socket, null, time);
            }

            var stream = new SslStream(InlineCompletions.AreOn ? new PoolStream(socket) : new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(tls, cancellation);
            return new(socket, stream, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Return(Http1Connection connection)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _idle.Add(connection);
                return;
            }
        }

        connection.Dispose();
    }

    /// <summary>Closes what was idle for too long.</summary>
    public void CloseStale()
    {
        List<Http1Connection>? stale = null;
        lock (_gate)
        {
            for (var i = _idle.Count - 1; i >= 0; i--)
            {
                if (!IsFresh(_idle[i]))
                {
                    (stale ??= []).Add(_idle[i]);
                    _idle.RemoveAt(i);
                }
            }
        }

        stale?.ForEach(connection => connection.Dispose());
    }

    public void Dispose()
    {
        List<Http1Connection> all;
        lock (_gate)
        {
            _closed = true;
            all = [.. _idle];
            _idle.Clear();
        }

        all.ForEach(connection => connection.Dispose());
    }

    private bool IsFresh(Http1Connection connection)
    {
        var now = time.GetTimestamp();
        return time.GetElapsedTime(connection.IdleSince, now) < (connection.KeepAlive ?? IdleLimit)
            && time.GetElapsedTime(connection.CreatedAt, now) < connector.Lifetime;
    }
}
