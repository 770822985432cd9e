using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>The cache that a policy means. As in the product, "prefer" is decided by what is configured, not by what can be reached.</summary>
internal static class CacheChoice
{
    /// <returns>Null when there is none of that kind: a look-up is then a miss, and nothing is kept.</returns>
    public static IPolicyCache? For(PolicyContext context, CachingType type) => type switch
    {
        CachingType.Internal => context.Services.Resources?.Cache,
        CachingType.External => context.Services.ExternalCache,
        _ => context.Services.ExternalCache ?? context.Services.Resources?.Cache,
    };

    /// <summary>A cache that fails is a cache that has nothing.</summary>
    public static async ValueTask<byte[]?> GetAsync(IPolicyCache? cache, PolicyContext context, string key)
    {
        try
        {
            return cache is null ? null : await cache.GetAsync(key, context.Aborted);
        }
        catch (IOException problem)
        {
            context.Services.Trace(context, "cache", problem.Message);
            return null;
        }
    }

    public static async ValueTask SetAsync(IPolicyCache? cache, PolicyContext context, string key, byte[] value, int seconds)
    {
        try
        {
            if (cache is not null && seconds > 0)
            {
                await cache.SetAsync(key, value, TimeSpan.FromSeconds(seconds), context.Aborted);
            }
        }
        catch (IOException problem)
        {
            context.Services.Trace(context, "cache", problem.Message);
        }
    }
}
