using System.Collections.Concurrent;

namespace Postern.Authority.Assertions;

/// <summary>Remembers the <c>jti</c> of accepted assertions until they expire.</summary>
internal sealed class AssertionReplay(TimeProvider time, int capacity = 100_000)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);

    /// <returns>
    /// False for a second use, for an assertion that can't be told from others, and when there is no room left: only clients that proved
    /// themselves get here, and forgetting would let their assertions be used again.
    /// </returns>
    public bool IsFirstUse(string client, string? id, DateTimeOffset expires)
    {
        if (string.IsNullOrEmpty(id) || id.Length > 256)
        {
            return false;
        }

        if (_used.Count >= capacity)
        {
            var now = time.GetUtcNow();
            foreach (var (key, ends) in _used)
            {
                if (ends + AssertionTimes.Leeway < now)
                {
                    _used.TryRemove(key, out _);
                }
            }
        }

        return _used.Count < capacity && _used.TryAdd($"{client}|{id}", expires);
    }
}
