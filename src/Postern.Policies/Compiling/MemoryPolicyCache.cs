using System.Collections.Concurrent;
using Postern.Policies.Runtime;

namespace Postern.Policies;

/// <summary>A cache in this process: for tests, and for a gateway whose cache entity points nowhere else. Bounded by bytes.</summary>
/// <param name="limit">Bytes of values; when they would be more, what expires first goes first.</param>
public sealed class MemoryPolicyCache(TimeProvider time, long limit) : IPolicyCache
{
    private readonly ConcurrentDictionary<string, (byte[] Value, DateTimeOffset Until)> _items = new(StringComparer.Ordinal);
    private readonly Lock _writing = new();
    private long _bytes;

    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellation) =>
        new(_items.TryGetValue(key, out var item) && item.Until > time.GetUtcNow() ? item.Value : null);

    public ValueTask SetAsync(string key, byte[] value, TimeSpan duration, CancellationToken cancellation)
    {
        if (value.Length > limit)
        {
            return default;
        }

        lock (_writing)
        {
            Remove(key);
            if (_bytes + value.Length > limit)
            {
                MakeRoom(value.Length);
            }

            _items[key] = (value, time.GetUtcNow() + duration);
            _bytes += value.Length;
        }

        return default;
    }

    public ValueTask RemoveAsync(string key, CancellationToken cancellation)
    {
        lock (_writing)
        {
            Remove(key);
        }

        return default;
    }

    private void Remove(string key)
    {
        if (_items.TryRemove(key, out var old))
        {
            _bytes -= old.Value.Length;
        }
    }

    private void MakeRoom(int needed)
    {
        foreach (var (key, _) in _items.OrderBy(item => item.Value.Until).ToList())
        {
            Remove(key);
            if (_bytes + needed <= limit)
            {
                return;
            }
        }
    }
}
