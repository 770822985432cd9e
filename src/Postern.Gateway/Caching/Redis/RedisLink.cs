using Postern.Hosting.Tls;
using Postern.Snapshots.Redis;

namespace Postern.Gateway.Caching.Redis;

/// <summary>
/// Keeps one connection open, whatever happens to the server: endpoint after endpoint, with growing and scattered pauses between rounds, so
/// that a server that comes back is not met by all gateways at once. Nobody waits for it: what is not connected has no connection.
/// </summary>
internal sealed class RedisLink(RedisOptions options, TrustedRoots roots, int largestValue, TimeProvider time, IRedisLinkEvents events, Func<RedisCommand, RespReply, bool> redirect) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>A connection that lasted this long was a good one: the next pause is a short one again.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private volatile RedisConnection? _connection;
    private int _started;

    /// <summary>Null while there is none.</summary>
    public RedisConnection? Connection => _connection;

    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            _ = Task.Run(RunAsync);
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _connection?.Dispose();
    }

    private async Task RunAsync()
    {
        var failures = 0;
        try
        {
            for (var next = 0; ; next++)
            {
                var endpoint = options.Endpoints[next % options.Endpoints.Count];
                var began = time.GetTimestamp();
                await ServeAsync(endpoint);
                failures = time.GetElapsedTime(began) >= Lasting ? 0 : failures + 1;
                if (failures == 0 || failures % options.Endpoints.Count == 0)
                {
                    await Task.Delay(Pause(failures / options.Endpoints.Count), time, _stopping.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The cache is no longer in use.
        }
    }

    private async Task ServeAsync(RedisEndpoint endpoint)
    {
        RedisConnection? connection = null;
        try
        {
            connection = await RedisLogin.ConnectAsync(options, endpoint, roots, largestValue, reply => Refused(connection, reply), redirect, time, _stopping.Token);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            events.Lost(endpoint, failed.Message);
            return;
        }

        using (connection)
        using (_stopping.Token.Register(connection.Dispose))
        {
            _connection = connection;
            events.Connected(endpoint);
            var reason = await connection.Closed;
            _connection = null;
            _stopping.Token.ThrowIfCancellationRequested();
            events.Lost(endpoint, reason);
        }
    }

    private void Refused(RedisConnection? connection, RespReply reply)
    {
        if (connection is null)
        {
            // A login that fails says so itself.
            return;
        }

        var text = reply.Text;
        events.Refused(text);

        // A replica, or a server that wants another login, is of no use; another endpoint may be.
        if (text.StartsWith("READONLY", StringComparison.Ordinal) || text.StartsWith("NOAUTH", StringComparison.Ordinal))
        {
            connection.Abort($"The server refused: {text}");
        }
    }

    private static TimeSpan Pause(int rounds)
    {
        var pause = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(rounds, 16)), LongestPause.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(pause * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}

/// <summary>What a link tells of itself.</summary>
internal interface IRedisLinkEvents
{
    void Connected(RedisEndpoint endpoint);

    /// <summary>A connection ended or an attempt failed.</summary>
    void Lost(RedisEndpoint endpoint, string reason);

    /// <summary>The server answered a command with an error.</summary>
    void Refused(string reason);
}
