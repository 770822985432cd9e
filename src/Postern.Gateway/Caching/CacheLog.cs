using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Caching.Redis;
using Postern.Gateway.Telemetry;
using Postern.Snapshots.Redis;
using Postern.Snapshots;

namespace Postern.Gateway.Caching;

/// <summary>Tells when the external cache comes, goes and refuses: each change once, what repeats once a minute.</summary>
internal sealed partial class CacheLog(ILogger logger, GatewayEvents? events, string cacheId, TimeProvider time) : IRedisLinkEvents
{
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private string? _lost;
    private long _stillLost;
    private long _refused;
    private long _slow;

    /// <summary>For another server of the same cache.</summary>
    public CacheLog Another() => new(logger, events, cacheId, time);

    public void Connected(RedisEndpoint endpoint)
    {
        Volatile.Write(ref _lost, null);
        LogConnected(cacheId, endpoint.ToString());
        Raise(GatewayEventTypes.ExternalCacheConnected, new() { ["endpoint"] = endpoint.ToString() });
    }

    public void Lost(RedisEndpoint endpoint, string reason)
    {
        // Further attempts are no news unless they fail in another way.
        var before = Interlocked.Exchange(ref _lost, reason);
        if (before is null || (before != reason && IsDue(ref _stillLost)))
        {
            LogLost(cacheId, endpoint.ToString(), reason);
            Raise(GatewayEventTypes.ExternalCacheLost, new() { ["endpoint"] = endpoint.ToString(), ["reason"] = reason });
        }
    }

    public void Refused(string reason)
    {
        if (IsDue(ref _refused))
        {
            LogRefused(cacheId, reason);
        }
    }

    public void Slow(TimeSpan limit)
    {
        if (IsDue(ref _slow))
        {
            LogSlow(cacheId, limit.TotalMilliseconds);
        }
    }

    private void Raise(string type, JsonObject data) => events?.Raise(type, $"/caches/{cacheId}", data);

    private bool IsDue(ref long next)
    {
        var now = time.GetUtcNow().UtcTicks;
        var due = Volatile.Read(ref next);
        return now >= due && Interlocked.CompareExchange(ref next, now + Rest.Ticks, due) == due;
    }

    [LoggerMessage(EventId = 2450, EventName = "ExternalCacheConnected", Level = LogLevel.Information, Message = "The external cache '{Cache}' is connected at {Endpoint}.")]
    private partial void LogConnected(string cache, string endpoint);

    [LoggerMessage(EventId = 2451, EventName = "ExternalCacheLost", Level = LogLevel.Warning, Message = "G250: the external cache '{Cache}' at {Endpoint} cannot be reached; look-ups are misses until it can: {Reason}")]
    private partial void LogLost(string cache, string endpoint, string reason);

    [LoggerMessage(EventId = 2452, EventName = "ExternalCacheRefused", Level = LogLevel.Warning, Message = "G251: the external cache '{Cache}' refused a command: {Reason}")]
    private partial void LogRefused(string cache, string reason);

    [LoggerMessage(EventId = 2453, EventName = "ExternalCacheSlow", Level = LogLevel.Warning, Message = "G252: the external cache '{Cache}' did not answer within {Milliseconds} ms; the look-up was a miss.")]
    private partial void LogSlow(string cache, double milliseconds);
}
