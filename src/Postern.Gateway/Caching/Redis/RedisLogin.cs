using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Postern.Hosting.Sockets;
using Postern.Hosting.Tls;
using Postern.Snapshots.Redis;

namespace Postern.Gateway.Caching.Redis;

/// <summary>Opens a connection to one endpoint: TCP, TLS when asked for, login, database.</summary>
internal static class RedisLogin
{
    /// <exception cref="IOException">It did not work; the message says why and holds no secret.</exception>
    public static async Task<RedisConnection> ConnectAsync(
        RedisOptions options, RedisEndpoint endpoint, TrustedRoots roots, int largestValue, Action<RespReply> refused,
        Func<RedisCommand, RespReply, bool> redirect, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        RedisConnection? connection = null;
        try
        {
            connection = new(await OpenAsync(options, endpoint, roots, either.Token), largestValue, refused, redirect);
            await LogInAsync(connection, options, either.Token);
            return connection;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            connection?.Dispose();
            throw new IOException($"No connection within {options.ConnectTimeout.TotalSeconds:0.#} seconds.");
        }
        catch (Exception failed) when (failed is SocketException or AuthenticationException or OperationCanceledException or IOException)
        {
            connection?.Dispose();
            throw failed is IOException or OperationCanceledException ? failed : new IOException(failed.InnerException?.Message ?? failed.Message, failed);
        }
    }

    private static async Task<Stream> OpenAsync(RedisOptions options, RedisEndpoint endpoint, TrustedRoots roots, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(new DnsEndPoint(endpoint.Host, endpoint.Port), cancellation);
            stream = InlineCompletions.AreOn ? new PoolStream(socket) : new NetworkStream(socket, ownsSocket: true);
            if (!options.Tls)
            {
                return stream;
            }

            var tls = new SslStream(stream, leaveInnerStreamOpen: false);
            stream = tls;
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = options.TlsHost ?? endpoint.Host,
                    EnabledSslProtocols = options.Protocols,
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) => roots.Validate(certificate, chain, errors),
                },
                cancellation);
            return tls;
        }
        catch
        {
            socket.Dispose();
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }

            throw;
        }
    }

    private static async Task LogInAsync(RedisConnection connection, RedisOptions options, CancellationToken cancellation)
    {
        if (options.Password is { } password)
        {
            await AskAsync(options.User is { } user ? RedisCommand.Of("AUTH", user, password) : RedisCommand.Of("AUTH", password));
        }

        await AskAsync(RedisCommand.Of("PING"));
        if (options.Database != 0)
        {
            await AskAsync(RedisCommand.Of("SELECT", options.Database.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        if (options.ClientName is { } name)
        {
            await AskAsync(RedisCommand.Of("CLIENT", "SETNAME", name));
        }

        async Task AskAsync(RedisCommand command)
        {
            if (!connection.TrySend(command))
            {
                throw new IOException(await connection.Closed);
            }

            var reply = await command.Reply.WaitAsync(cancellation);
            if (reply.Kind == RespKind.Lost)
            {
                throw new IOException(await connection.Closed);
            }

            if (!reply.IsOk)
            {
                throw new IOException($"The server refused: {reply.Text}");
            }
        }
    }
}
