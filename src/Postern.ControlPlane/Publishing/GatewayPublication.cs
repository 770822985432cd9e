using Postern.ControlPlane.ConfigurationApi;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>What one gateway has been given so far: its entities now, and which of them changed at which revision.</summary>
internal sealed class GatewayPublication(long revision)
{
    /// <summary>Revisions of the log. A gateway that is further behind fetches the snapshot.</summary>
    private const int MostEntries = 1_000;

    /// <summary>A merged change with more entities than this is no smaller than the snapshot.</summary>
    private const int LargestChange = 20_000;

    private readonly LinkedList<(long Revision, IReadOnlyList<string> Keys)> _log = new();
    private Dictionary<string, Published> _entities = [];
    private string[] _sorted = [];
    private long _oldest = revision;
    private Snapshot? _snapshot;
    private string? _hash;

    /// <summary>Revision of the last change that this gateway could see.</summary>
    public long Revision { get; private set; } = revision;

    public IReadOnlyDictionary<string, Published> Entities => _entities;

    /// <param name="first">The first selection is no change: there is nobody who has an earlier one.</param>
    public void Update(Dictionary<string, Published> entities, long revision, bool first)
    {
        var changed = new List<string>();
        foreach (var (key, entity) in entities)
        {
            if (!_entities.TryGetValue(key, out var before) || (!ReferenceEquals(before, entity) && before.Hash != entity.Hash))
            {
                changed.Add(key);
            }
        }

        var removed = _entities.Keys.Where(key => !entities.ContainsKey(key)).ToList();
        if (removed.Count > 0 || entities.Count != _entities.Count)
        {
            // Sorting again costs more than all the rest; most changes put what was there.
            _sorted = [.. entities.Keys.Order(StringComparer.Ordinal)];
        }

        changed.AddRange(removed);
        _entities = entities;
        if (changed.Count == 0)
        {
            return;
        }

        _snapshot = null;
        _hash = null;
        Revision = revision;
        if (first)
        {
            return;
        }

        _log.AddLast((revision, changed));
        if (_log.Count > MostEntries)
        {
            _oldest = _log.First!.Value.Revision;
            _log.RemoveFirst();
        }
    }

    public Snapshot Snapshot() => _snapshot ??= new(
        SnapshotFormat.Current, Revision, Hash(), [.. _sorted.Select(key => _entities[key].Entity)]);

    /// <param name="known">The store's revision that this publication is up to date with.</param>
    public ChangesSince ChangesAfter(long since, long known)
    {
        if (since < _oldest || since > known)
        {
            return new(null, ResyncRequired: true);
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var entry = _log.Last; entry is not null && entry.Value.Revision > since; entry = entry.Previous)
        {
            keys.UnionWith(entry.Value.Keys);
        }

        if (keys.Count == 0)
        {
            return default;
        }

        if (keys.Count > LargestChange)
        {
            return new(null, ResyncRequired: true);
        }

        var put = new List<SnapshotEntity>();
        var removed = new List<string>();
        foreach (var key in keys.Order(StringComparer.Ordinal))
        {
            if (_entities.TryGetValue(key, out var entity))
            {
                put.Add(entity.Entity);
            }
            else
            {
                removed.Add(key);
            }
        }

        return new(new(SnapshotFormat.Current, since, Revision, Hash(), put, removed), ResyncRequired: false);
    }

    private string Hash() => _hash ??= SnapshotHash.OfSorted(_sorted.Select(key => KeyValuePair.Create(key, _entities[key].Hash)));
}
