using Postern.Policies.Runtime;

namespace Postern.Policies.Caching;

/// <summary>What the cache-lookup of a request asked, for the cache-store of the same request.</summary>
/// <param name="Scope">Scope of the document that asked: its own cache-store is the one that belongs to it.</param>
/// <param name="Flight">Set when other requests wait for what this one brings.</param>
internal sealed record CacheQuestion(IPolicyCache Cache, string Key, string Scope, CacheFlight? Flight)
{
    /// <summary>Nothing will be kept: who waits must not wait longer.</summary>
    public void GiveUp(TimeProvider time) => Flight?.Land(null, time.GetUtcNow());
}
