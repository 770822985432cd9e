using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>An entity with its key and hash, computed once.</summary>
internal sealed class Published(SnapshotEntity entity)
{
    private string? _hash;

    public SnapshotEntity Entity => entity;

    public string Key { get; } = entity.Key;

    public string Hash => _hash ??= SnapshotHash.Of(entity);
}
