namespace Postern.Policies.Runtime;

/// <summary>The seam to a cache. Its failures are misses, never failures of the request.</summary>
public interface IPolicyCache
{
    /// <summary>Bytes of the largest value that it takes.</summary>
    int LargestValue { get; }

    /// <returns>Null when there is nothing, it has expired, or the cache cannot be asked now.</returns>
    ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellation);

    /// <summary>Done when the value is on its way: nobody waits for a store.</summary>
    ValueTask SetAsync(string key, byte[] value, TimeSpan duration, CancellationToken cancellation);

    /// <exception cref="IOException">It is not known that the value is gone.</exception>
    ValueTask RemoveAsync(string key, CancellationToken cancellation);
}
