using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>
/// The transport for the usual case, HTTP/1.1 straight to the backend: nothing between the exchange and the socket but one buffer each way.
/// Whatever else is asked for goes to the other transport.
/// </summary>
/// <param name="tls">Makes the options for a host's secure connections.</param>
internal sealed class Http1Transport(IBackendTransport other, Func<string, SslClientAuthenticationOptions> tls,
    BackendConnector connector, OutgoingProxies proxies, TimeProvider time) : IBackendTransport
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Answers below 200 before the real one; a backend that says nothing else would never end.</summary>
    private const int MostInterim = 100;

    private static readonly TimeSpan CleanEvery = TimeSpan.FromSeconds(15);

    /// <summary>Hosts that connections are kept for; expressions may compute addresses without end.</summary>
    private const int MostPools = 4096;

    private readonly ConcurrentDictionary<(string Host, int Port, bool Secure), Http1Pool> _pools = new();
    private long _cleanAt = time.GetTimestamp();

    public ValueTask SendAsync(GatewayExchange exchange, in BackendRequest request) => Serves(exchange, request)
        ? ExchangeAsync(exchange, PoolOf(request.Endpoint), request)
        : other.SendAsync(exchange, request);

    public void Dispose()
    {
        foreach (var pool in _pools.Values)
        {
            pool.Dispose();
        }

        other.Dispose();
    }

    private bool Serves(GatewayExchange exchange, in BackendRequest request)
    {
        var endpoint = request.Endpoint;
        return !exchange.IsWebSocket && request.ContinueTimeout is null && exchange.Context.Request.BackendCertificate is null && proxies.Of(exchange.Context.Request, endpoint) is null
            && (request.Version == HttpVersionRule.One || (request.Version == HttpVersionRule.TwoOrOne && !endpoint.IsSecure))
            && (!endpoint.IsSecure || (endpoint.Backend is null or { HasOwnTls: false } && request.HostInstead(exchange.Context.Request) is null));
    }

    private Http1Pool PoolOf(BackendEndpoint endpoint)
    {
        CloseStale();
        if (endpoint.Pool is { IsClosed: false } known)
        {
            return known;
        }

        if (_pools.Count >= MostPools)
        {
            foreach (var key in _pools.Keys)
            {
                if (_pools.TryRemove(key, out var dropped))
                {
                    dropped.Dispose();
                }
            }
        }

        var pool = _pools.GetOrAdd((endpoint.Host, endpoint.Port, endpoint.IsSecure), key => new(key.Host, key.Port, key.Secure ? tls(key.Host) : null, connector, time));
        endpoint.Pool = pool;
        return pool;
    }

    /// <summary>Requests do this in passing: a gateway without any has nothing that grows.</summary>
    private void CloseStale()
    {
        var now = time.GetTimestamp();
        var due = Volatile.Read(ref _cleanAt);
        if (now < due || Interlocked.CompareExchange(ref _cleanAt, now + (long)(CleanEvery.TotalSeconds * time.TimestampFrequency), due) != due)
        {
            return;
        }

        foreach (var pool in _pools.Values)
        {
            pool.CloseStale();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ExchangeAsync(GatewayExchange exchange, Http1Pool pool, BackendRequest request)
    {
        var message = exchange.Context.Request;
        var repeatable = IsRepeatable(message);
        var began = time.GetTimestamp();
        while (true)
        {
            var connection = pool.TryTake();
            if (connection is not null && !repeatable && !connection.LooksAlive())
            {
                connection.Dispose();
                continue;
            }

            connection ??= await ConnectAsync(pool, request, exchange.Context.Aborted);
            try
            {
                connection.Begin(Left(request.Timeout, began), exchange.Context.Aborted);
                RequestHead.Write(connection.Output, exchange, request);
                await SendAsync(connection, exchange, request.Endpoint);
                await ReadAnswerAsync(exchange, connection, pool);
                return;
            }
            catch (Exception failed) when (failed is IOException or SocketException or ObjectDisposedException or BackendException)
            {
                // A backend may close a kept connection just when it is taken: then, and only then, a repeatable request is sent once more.
                var again = repeatable && connection is { WasUsed: true, HasAnswered: false, AbortedBy: AbortReason.None } && failed is not BackendException;
                var failure = Failure(connection, failed, request.Timeout);
                await DropAsync(connection);
                if (!again)
                {
                    throw failure;
                }
            }
            catch
            {
                // A defect; it must cost neither the connection nor the caller's body.
                await DropAsync(connection);
                throw;
            }
        }
    }

    /// <summary>What connecting, or a first attempt, left of the time for the answer's head.</summary>
    private TimeSpan Left(TimeSpan timeout, long began)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return timeout;
        }

        var left = timeout - time.GetElapsedTime(began);
        return left > Shortest ? left : Shortest;
    }

    /// <summary>RFC 9110 9.2.2, as long as the body is still there.</summary>
    private static bool IsRepeatable(PolicyRequest message) =>
        message.Body.State != MessageBodyState.Streaming && message.Method is "GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE" or "TRACE";

    private static ValueTask SendAsync(Http1Connection connection, GatewayExchange exchange, BackendEndpoint endpoint)
    {
        var message = exchange.Context.Request;
        switch (message.Body.State)
        {
            case MessageBodyState.Streaming:
                return StartUploadAsync(connection, exchange, endpoint);
            case MessageBodyState.Buffered:
                connection.Output.Write(message.Body.Bytes.Span);
                break;
        }

        return connection.SendOutputAsync();
    }

    private static async ValueTask StartUploadAsync(Http1Connection connection, GatewayExchange exchange, BackendEndpoint endpoint)
    {
        await connection.SendOutputAsync();
        exchange.Context.Request.Body.MarkSent();
        connection.Upload = new(connection, exchange, endpoint);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReadAnswerAsync(GatewayExchange exchange, Http1Connection connection, Http1Pool pool)
    {
        for (var interim = 0; interim <= MostInterim; interim++)
        {
            var scanned = 0;
            int length;
            while ((length = HeadScanner.FindEnd(connection.Unread, ref scanned)) == 0)
            {
                if (!await connection.FillAsync())
                {
                    throw new IOException("The backend closed its connection without an answer.");
                }
            }

            var head = ResponseHead.Read(exchange, connection, length);
            if (head.Status >= 200)
            {
                connection.HeadCame();
                await head.AttachBodyAsync(exchange, connection, pool);
                return;
            }
        }

        throw new BrokenMessageException($"The backend sent more than {MostInterim} interim answers.");
    }

    private async ValueTask<Http1Connection> ConnectAsync(Http1Pool pool, BackendRequest request, CancellationToken aborted)
    {
        var limit = request.Timeout == Timeout.InfiniteTimeSpan || request.Timeout > ConnectLimit ? ConnectLimit : request.Timeout;
        using var late = new CancellationTokenSource(limit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(aborted, late.Token);
        try
        {
            return await pool.ConnectAsync(stop.Token);
        }
        catch (OperationCanceledException canceled)
        {
            throw aborted.IsCancellationRequested
                ? new BackendException(BackendFailure.Client, "The caller closed its connection while the backend was being connected to.", canceled)
                : new BackendException(
                    limit == ConnectLimit ? BackendFailure.Connection : BackendFailure.Timeout,
                    $"The backend accepted no connection within {limit.TotalSeconds:0.###} seconds.", canceled);
        }
        catch (Exception failed) when (failed is SocketException or IOException or AuthenticationException)
        {
            throw new BackendException(BackendFailure.Connection, $"The backend could not be reached: {failed.Message}", failed);
        }
    }

    private static BackendException Failure(Http1Connection connection, Exception failed, TimeSpan timeout) => connection.AbortedBy switch
    {
        AbortReason.Timeout =>
            new(BackendFailure.Timeout, $"The backend sent no response headers within {timeout.TotalSeconds:0.###} seconds.", failed),
        AbortReason.Client =>
            new(BackendFailure.Client, "The caller closed its connection while the backend was working.", connection.Upload?.CallerFailure ?? failed),
        _ => failed as BackendException
            ?? new(BackendFailure.Connection, $"The backend could not be reached or broke off: {failed.Message}", failed),
    };

    private static async ValueTask DropAsync(Http1Connection connection)
    {
        var upload = connection.Upload;
        connection.End();
        connection.Dispose();
        if (upload is not null)
        {
            await upload.StopAsync();
        }
    }
}
