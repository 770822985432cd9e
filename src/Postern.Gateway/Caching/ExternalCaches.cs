using Microsoft.Extensions.Logging;
using Postern.Gateway.Caching.Redis;
using Postern.Gateway.Settings;
using Postern.Gateway.State;
using Postern.Gateway.Telemetry;
using Postern.Hosting.Tls;
using Postern.Snapshots.Redis;
using Postern.Snapshots;

namespace Postern.Gateway.Caching;

/// <summary>Finds the external cache of a configuration. One that did not change keeps its connection.</summary>
internal sealed class ExternalCaches(CacheSettings settings, TrustedRoots roots, TimeProvider time, ILogger logger, GatewayEvents? events)
{
    private const string Default = "default";

    /// <returns>Null when the service names none for this gateway, or its connection string makes no sense.</returns>
    public ExternalCache? Of(EntitySet entities, ServiceSnapshot service, ExternalCache? running, List<string> problems)
    {
        if (Choose(entities.Of<CacheSnapshot>(), service.Region) is not { } chosen)
        {
            return null;
        }

        if (running?.Snapshot == chosen)
        {
            return running;
        }

        try
        {
            var options = RedisConnectionString.Parse(chosen.ConnectionString);
            return new(chosen, options, $"postern/{service.ServiceName}/", roots, settings.ExternalTimeout, settings.LargestValue, time, new(logger, events, chosen.Id, time));
        }
        catch (FormatException broken)
        {
            problems.Add($"G253: the external cache '{chosen.Id}' is not used: {broken.Message}");
            return null;
        }
    }

    /// <summary>The one of the gateway's location, else the default one; of several the first by id.</summary>
    internal static CacheSnapshot? Choose(IEnumerable<CacheSnapshot> caches, string location)
    {
        var all = caches.OrderBy(cache => cache.Id, StringComparer.Ordinal).ToList();
        return all.Find(cache => location.Trim().Length > 0 && Is(cache.UseFromLocation, location)) ?? all.Find(cache => Is(cache.UseFromLocation, Default));
    }

    private static bool Is(string location, string other) => location.Trim().Equals(other.Trim(), StringComparison.OrdinalIgnoreCase);
}
