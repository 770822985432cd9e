using System.Text.Json.Nodes;
using Postern.ControlPlane.ConfigurationApi;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.ConfigurationApi;

/// <summary>The least there is to publish: the service's named values, straight from the store.</summary>
internal sealed class PublishedNamedValues(IResourceStore store, string serviceId) : IPublishedConfigurations
{
    public const string Type = "Microsoft.ApiManagement/service/namedValues";

    /// <summary>Revisions before this one are forgotten.</summary>
    public long Oldest { get; set; }

    public async ValueTask<Snapshot?> CurrentAsync(string gatewayResourceId, CancellationToken cancellation)
    {
        var revision = await store.RevisionAsync(cancellation);
        var entities = await EntitiesAsync(cancellation);
        return new(SnapshotFormat.Current, revision, Hash(entities), entities);
    }

    public async ValueTask<ChangesSince> ChangesAfterAsync(string gatewayResourceId, long revision, int top, CancellationToken cancellation)
    {
        if (revision < Oldest)
        {
            return new(null, true);
        }

        var changes = (await store.ChangesAfterAsync(revision, top, cancellation)).Where(change => change.Type == Type).ToList();
        if (changes.Count == 0)
        {
            return default;
        }

        var entities = await EntitiesAsync(cancellation);
        var put = entities.Where(entity => changes.Any(change => $"namedValues/{ResourceIds.NameOf(change.Id)}" == entity.Key)).ToList();
        var removed = changes.Where(change => change.Removed).Select(change => $"namedValues/{ResourceIds.NameOf(change.Id)}").ToList();
        return new(new(SnapshotFormat.Current, revision, changes[^1].Revision, Hash(entities), put, removed), false);
    }

    public async Task<long> PutAsync(string name, string value) => (await store.WriteAsync(
        [new($"{serviceId}/namedValues/{name}", Type, new JsonObject { ["properties"] = new JsonObject { ["value"] = value } }.ToJsonString(), "test")],
        CancellationToken.None)).Revision;

    private async Task<IReadOnlyList<SnapshotEntity>> EntitiesAsync(CancellationToken cancellation) =>
        [.. (await store.ListAsync(serviceId, Type, 0, null, cancellation)).Select(row =>
            new NamedValueSnapshot(row.Name, row.Name, JsonNode.Parse(row.Body)!["properties"]!["value"]!.GetValue<string>(), false))];

    private static string Hash(IReadOnlyList<SnapshotEntity> entities) =>
        SnapshotHash.OfSet(entities.Select(entity => KeyValuePair.Create(entity.Key, SnapshotHash.Of(entity))));
}
