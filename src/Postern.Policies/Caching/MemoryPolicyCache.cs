using System.Collections.Concurrent;
using Postern.Policies.Runtime;

namespace Postern.Policies.Caching;

/// <summary>
/// A cache in this process, bounded by bytes, with S3-FIFO eviction: what was asked for once leaves through a small queue, what is asked for
/// again moves to the main one. Reads take no lock. Why not LRU: docs/decisions/0070-cache-eviction.md.
/// </summary>
/// <param name="size">Bytes of keys, values and bookkeeping together.</param>
/// <param name="largestValue">Bytes; larger values are not kept.</param>
public sealed class MemoryPolicyCache(TimeProvider time, long size, int largestValue = MemoryPolicyCache.DefaultLargestValue) : IPolicyCache
{
    public const int DefaultLargestValue = 2 * 1024 * 1024;

    /// <summary>Part of the bytes that newcomers may hold, in percent.</summary>
    private const int SmallShare = 10;

    private readonly ConcurrentDictionary<string, CacheEntry> _entries = new(StringComparer.Ordinal);
    private readonly CacheQueue _small = new();
    private readonly CacheQueue _main = new();
    private readonly GhostKeys _ghosts = new();
    private readonly Lock _changing = new();

    public int LargestValue { get; } = (int)Math.Min(largestValue, size);

    /// <summary>Bytes in use; never more than the size.</summary>
    public long Bytes
    {
        get
        {
            lock (_changing)
            {
                return _small.Bytes + _main.Bytes;
            }
        }
    }

    public int Count => _entries.Count;

    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellation)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return default;
        }

        if (entry.Until <= time.GetUtcNow())
        {
            lock (_changing)
            {
                Drop(entry);
            }

            return default;
        }

        entry.Use();
        return new(entry.Value);
    }

    public ValueTask SetAsync(string key, byte[] value, TimeSpan duration, CancellationToken cancellation)
    {
        var entry = new CacheEntry(key, value, time.GetUtcNow() + duration);
        lock (_changing)
        {
            var wasMain = false;
            if (_entries.TryGetValue(key, out var old))
            {
                wasMain = old.Queue == _main;
                Drop(old);
            }

            if (value.Length > LargestValue || entry.Weight > size || duration <= TimeSpan.Zero)
            {
                return default;
            }

            _entries[key] = entry;
            (wasMain || _ghosts.Take(key) ? _main : _small).Add(entry);
            while (_small.Bytes + _main.Bytes > size)
            {
                Evict();
            }
        }

        return default;
    }

    public ValueTask RemoveAsync(string key, CancellationToken cancellation)
    {
        lock (_changing)
        {
            if (_entries.TryGetValue(key, out var entry))
            {
                Drop(entry);
            }
        }

        return default;
    }

    private void Evict()
    {
        var now = time.GetUtcNow();
        if (_small.Count > 0 && (_main.Count == 0 || _small.Bytes > size * SmallShare / 100))
        {
            var oldest = _small.Oldest;
            if (oldest.Until > now && oldest.Uses > 0)
            {
                _small.Remove(oldest);
                oldest.Forget();
                _main.Add(oldest);
                return;
            }

            Drop(oldest);
            _ghosts.Add(oldest.Key, _main.Count + _small.Count);
            return;
        }

        var candidate = _main.Oldest;
        if (candidate.Until > now && candidate.Unuse())
        {
            _main.Remove(candidate);
            _main.Add(candidate);
            return;
        }

        Drop(candidate);
    }

    private void Drop(CacheEntry entry)
    {
        // Another thread may have dropped or replaced it.
        if (entry.Queue is { } queue)
        {
            queue.Remove(entry);
            _entries.TryRemove(KeyValuePair.Create(entry.Key, entry));
        }
    }
}
