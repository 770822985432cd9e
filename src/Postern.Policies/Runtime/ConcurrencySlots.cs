using System.Collections.Concurrent;

namespace Postern.Policies.Runtime;

/// <summary>How many requests are inside limit-concurrency, by key.</summary>
internal sealed class ConcurrencySlots
{
    private readonly ConcurrentDictionary<string, int> _inside = new(StringComparer.Ordinal);

    public bool TryEnter(string key, int most)
    {
        while (true)
        {
            if (!_inside.TryGetValue(key, out var inside))
            {
                if (most > 0 && _inside.TryAdd(key, 1))
                {
                    return true;
                }

                if (most <= 0)
                {
                    return false;
                }
            }
            else if (inside >= most)
            {
                return false;
            }
            else if (_inside.TryUpdate(key, inside + 1, inside))
            {
                return true;
            }
        }
    }

    public void Leave(string key)
    {
        while (_inside.TryGetValue(key, out var inside))
        {
            if (inside > 1 ? _inside.TryUpdate(key, inside - 1, inside) : _inside.TryRemove(new(key, inside)))
            {
                return;
            }
        }
    }
}
