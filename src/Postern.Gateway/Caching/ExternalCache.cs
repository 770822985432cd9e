using Postern.Gateway.Caching.Redis;
using Postern.Hosting.Tls;
using Postern.Policies.Runtime;
using Postern.Snapshots.Redis;
using Postern.Snapshots;

namespace Postern.Gateway.Caching;

/// <summary>
/// The Redis that the service names for this gateway. Whatever goes wrong with it is a miss: at once while there is no connection, after the
/// time limit while there is one.
/// </summary>
/// <param name="prefix">Before every key: several services may share one Redis.</param>
internal sealed class ExternalCache(
    CacheSnapshot snapshot, RedisOptions options, string prefix, TrustedRoots roots, TimeSpan timeout, int largestValue, TimeProvider time, CacheLog log) : IPolicyCache, IDisposable
{
    /// <summary>How long a server may be silent before its connection is given up for a new one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly RedisServers _servers = new(options, roots, largestValue, time, log.Another);

    public CacheSnapshot Snapshot => snapshot;

    public int LargestValue => largestValue;

    public bool IsConnected => _servers.IsConnected;

    /// <summary>Begins to connect; more calls do nothing.</summary>
    public void Start() => _servers.Start();

    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellation)
    {
        var command = RedisCommand.Get(prefix + key, largestValue);
        return _servers.TrySend(command) ? new(ReadAsync(command, cancellation)) : default;
    }

    public ValueTask SetAsync(string key, byte[] value, TimeSpan duration, CancellationToken cancellation)
    {
        if (value.Length <= largestValue && duration > TimeSpan.Zero)
        {
            // Nobody waits for it, and a look-up that follows on the same connection finds it.
            _servers.TrySend(RedisCommand.Set(prefix + key, value, duration));
        }

        return default;
    }

    public async ValueTask RemoveAsync(string key, CancellationToken cancellation)
    {
        var command = RedisCommand.Of("DEL", prefix + key);
        var reply = _servers.TrySend(command) ? await AskAsync(command, cancellation) : default;
        if (reply.Kind != RespKind.Integer)
        {
            throw new IOException(reply.Kind == RespKind.Error ? $"The external cache refused: {reply.Text}" : "The external cache did not answer.");
        }
    }

    public void Dispose() => _servers.Dispose();

    private async Task<byte[]?> ReadAsync(RedisCommand command, CancellationToken cancellation)
    {
        var reply = await AskAsync(command, cancellation);

        // A key that is not there is an empty range; what is longer than we store is not ours.
        return reply is { Kind: RespKind.Value, Bytes: { Length: > 0 } bytes } && bytes.Length <= largestValue ? bytes : null;
    }

    private async Task<RespReply> AskAsync(RedisCommand command, CancellationToken cancellation)
    {
        try
        {
            return await command.Reply.WaitAsync(timeout, time, cancellation);
        }
        catch (TimeoutException)
        {
            log.Slow(timeout);
            command.Carrier?.MissedAnswer(time, Patience);
            return default;
        }
    }
}
