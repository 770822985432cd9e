using System.Runtime.InteropServices;

namespace Postern.Gateway.Routing;

/// <summary>Children of a routing node by literal segment, without regard to case. Few are compared one by one, many are hashed.</summary>
internal sealed class SegmentMap<T>
    where T : class
{
    private const int Linear = 4;

    private readonly List<KeyValuePair<string, T>> _few = [];
    private Dictionary<string, T>? _many;
    private Dictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public T? Find(ReadOnlySpan<char> segment)
    {
        if (_many is not null)
        {
            return _lookup.TryGetValue(segment, out var value) ? value : null;
        }

        foreach (ref readonly var pair in CollectionsMarshal.AsSpan(_few))
        {
            if (segment.Equals(pair.Key, StringComparison.OrdinalIgnoreCase))
            {
                return pair.Value;
            }
        }

        return null;
    }

    public T GetOrAdd(ReadOnlySpan<char> segment, Func<T> create)
    {
        var found = Find(segment);
        if (found is not null)
        {
            return found;
        }

        var name = segment.ToString();
        var made = create();
        if (_many is null && _few.Count < Linear)
        {
            _few.Add(new(name, made));
            return made;
        }

        if (_many is null)
        {
            _many = new(_few, StringComparer.OrdinalIgnoreCase);
            _lookup = _many.GetAlternateLookup<ReadOnlySpan<char>>();
            _few.Clear();
        }

        _many.Add(name, made);
        return made;
    }
}
