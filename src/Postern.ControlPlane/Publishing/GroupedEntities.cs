using System.Collections;

namespace Postern.ControlPlane.Publishing;

/// <summary>Entities by name, and by what they belong to, so that a few are found without looking at all. Casing does not matter.</summary>
/// <param name="group">What an entity belongs to.</param>
internal sealed class GroupedEntities<T>(Func<T, string> group) : IEnumerable<KeyValuePair<string, T>>
    where T : class
{
    private readonly Dictionary<string, T> _all = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Dictionary<string, T>> _groups = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<string> Names => _all.Keys;

    public IEnumerable<T> Of(string name) => _groups.TryGetValue(name, out var members) ? members.Values : [];

    public T? Find(string name) => _all.GetValueOrDefault(name);

    public void Set(string name, T? entity)
    {
        if (_all.Remove(name, out var before) && _groups[group(before)] is var members && members.Remove(name) && members.Count == 0)
        {
            _groups.Remove(group(before));
        }

        if (entity is not null)
        {
            _all.Add(name, entity);
            if (!_groups.TryGetValue(group(entity), out var others))
            {
                _groups.Add(group(entity), others = new(1, StringComparer.OrdinalIgnoreCase));
            }

            others.Add(name, entity);
        }
    }

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _all.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
