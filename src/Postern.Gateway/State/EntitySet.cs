using System.Diagnostics.CodeAnalysis;
using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary>The entities of one revision with their hashes. A change makes a new set; unchanged entities stay the same objects.</summary>
internal sealed class EntitySet
{
    private readonly Dictionary<string, SnapshotEntity> _entities;
    private readonly Dictionary<string, string> _hashes;

    private EntitySet(long revision, string hash, Dictionary<string, SnapshotEntity> entities, Dictionary<string, string> hashes)
    {
        Revision = revision;
        Hash = hash;
        _entities = entities;
        _hashes = hashes;
    }

    public long Revision { get; }

    public string Hash { get; }

    public IReadOnlyCollection<SnapshotEntity> All => _entities.Values;

    public IEnumerable<T> Of<T>()
        where T : SnapshotEntity => _entities.Values.OfType<T>();

    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T entity)
        where T : SnapshotEntity
    {
        entity = _entities.TryGetValue(key, out var found) ? found as T : null;
        return entity is not null;
    }

    public string HashOf(string key) => _hashes[key];

    /// <exception cref="InvalidDataException">The format is unknown, a key is there twice, or the hash is not that of the entities.</exception>
    public static EntitySet From(Snapshot snapshot, EntitySet? previous = null)
    {
        CheckFormat(snapshot.Format);
        var entities = new Dictionary<string, SnapshotEntity>(snapshot.Entities.Count, StringComparer.Ordinal);
        var hashes = new Dictionary<string, string>(snapshot.Entities.Count, StringComparer.Ordinal);
        foreach (var entity in snapshot.Entities)
        {
            var hash = SnapshotHash.Of(entity);

            // The same content keeps the same object, so that what was compiled from it is found again.
            var kept = previous is not null && previous._hashes.TryGetValue(entity.Key, out var old) && old == hash
                ? previous._entities[entity.Key]
                : entity;
            if (!entities.TryAdd(entity.Key, kept))
            {
                throw new InvalidDataException($"The configuration holds '{entity.Key}' twice.");
            }

            hashes.Add(entity.Key, hash);
        }

        return Verified(snapshot.Revision, snapshot.Hash, entities, hashes);
    }

    /// <exception cref="InvalidDataException">See <see cref="From"/>; also when the change does not follow this revision.</exception>
    public EntitySet Apply(SnapshotChange change)
    {
        CheckFormat(change.Format);
        if (change.From != Revision || change.Revision < change.From)
        {
            throw new InvalidDataException($"The change leads from revision {change.From} to {change.Revision}, but this gateway has revision {Revision}.");
        }

        var entities = new Dictionary<string, SnapshotEntity>(_entities, StringComparer.Ordinal);
        var hashes = new Dictionary<string, string>(_hashes, StringComparer.Ordinal);
        foreach (var key in change.Removed)
        {
            entities.Remove(key);
            hashes.Remove(key);
        }

        foreach (var entity in change.Put)
        {
            entities[entity.Key] = entity;
            hashes[entity.Key] = SnapshotHash.Of(entity);
        }

        return Verified(change.Revision, change.Hash, entities, hashes);
    }

    public Snapshot ToSnapshot() => new(SnapshotFormat.Current, Revision, Hash, [.. _entities.Values]);

    private static EntitySet Verified(long revision, string hash, Dictionary<string, SnapshotEntity> entities, Dictionary<string, string> hashes)
    {
        var computed = SnapshotHash.OfSet(hashes);
        return string.Equals(computed, hash, StringComparison.OrdinalIgnoreCase)
            ? new(revision, hash, entities, hashes)
            : throw new InvalidDataException($"Revision {revision} arrived damaged: its hash should be {hash} but is {computed}.");
    }

    private static void CheckFormat(int format)
    {
        if (format != SnapshotFormat.Current)
        {
            throw new InvalidDataException($"The configuration has format {format}; this gateway reads format {SnapshotFormat.Current}. Use a gateway of the control plane's version.");
        }
    }
}
