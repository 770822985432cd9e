using System.Collections.Concurrent;

namespace Postern.Authority.Tokens;

/// <summary>
/// Counts failed logins per key and minute. Bounded: when it is full, keys whose minute is over make room, else all of them do; that
/// forgives failures rather than taking memory.
/// </summary>
internal sealed class FailureThrottle(TimeProvider time, int allowed, int capacity = 10_000)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Failures> _failures = new(StringComparer.OrdinalIgnoreCase);

    /// <returns>How long the key has to wait; null when it may try.</returns>
    public TimeSpan? Wait(string key)
    {
        var left = _failures.TryGetValue(key, out var failures) && failures.Count >= allowed
            ? failures.Began + Window - time.GetUtcNow()
            : TimeSpan.Zero;
        return left > TimeSpan.Zero ? left : null;
    }

    public void Failed(string key)
    {
        var now = time.GetUtcNow();
        if (_failures.Count >= capacity)
        {
            MakeRoom(now);
        }

        _failures.AddOrUpdate(
            key,
            _ => new(now, 1),
            (_, before) => before.Began + Window <= now ? new(now, 1) : before with { Count = before.Count + 1 });
    }

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, failures) in _failures)
        {
            if (failures.Began + Window <= now)
            {
                _failures.TryRemove(key, out _);
            }
        }

        if (_failures.Count >= capacity)
        {
            _failures.Clear();
        }
    }

    private readonly record struct Failures(DateTimeOffset Began, int Count);
}
