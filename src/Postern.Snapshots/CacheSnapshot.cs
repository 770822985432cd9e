namespace Postern.Snapshots;

/// <summary>An external cache that a gateway may use.</summary>
/// <param name="UseFromLocation"><c>default</c>, or the location of the gateways that it is for; theirs beats the default one.</param>
/// <param name="ConnectionString">In StackExchange.Redis' form; a secret.</param>
public sealed record CacheSnapshot(string Id, string UseFromLocation, string ConnectionString) : SnapshotEntity
{
    public override string Key => $"caches/{Id}";

    /// <summary>The connection string holds a password.</summary>
    public override string ToString() => $"{nameof(CacheSnapshot)} {Id} for {UseFromLocation}";
}
