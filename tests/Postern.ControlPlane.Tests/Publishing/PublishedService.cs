using System.Text.Json.Nodes;
using Postern.ControlPlane.ConfigurationApi;
using Postern.ControlPlane.Publishing;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.Publishing;

/// <summary>A service in a store of its own, with a gateway <c>lab</c>, and what its gateways are told of it.</summary>
internal sealed class PublishedService : IAsyncDisposable
{
    public const string Id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso";

    private readonly string _folder;
    private readonly SecretProtector _protector;
    private readonly IResourceStore _store;

    private PublishedService(string folder, SecretProtector protector, IResourceStore store)
    {
        (_folder, _protector, _store) = (folder, protector, store);
        Publications = NewReplica();
    }

    public GatewayPublications Publications { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<PublishedService> CreateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("postern-pub-").FullName;
        var store = await SqlResourceStore.OpenAsync(StoreOptions.Sqlite(Path.Combine(folder, "store.db")), TimeProvider.System, Cancellation);
        var service = new PublishedService(folder, SecretProtector.FromKeyFile(Path.Combine(folder, "key")), store);
        await service.PutAsync("gateways/lab", new() { ["locationData"] = new JsonObject { ["name"] = "lab" } });
        return service;
    }

    /// <summary>What another replica on the same store, or this one after a start, publishes.</summary>
    public GatewayPublications NewReplica() => new(_store, new(_protector));

    public async Task<Snapshot> CurrentAsync(string gateway = "lab") => (await Publications.CurrentAsync($"{Id}/gateways/{gateway}", Cancellation))!;

    public ValueTask<ChangesSince> ChangesAsync(long since) => Publications.ChangesAfterAsync($"{Id}/gateways/lab", since, 100, Cancellation);

    public async Task PutAsync(string path, JsonObject properties) => await _store.WriteAsync(
        [new($"{Id}/{path}", TypeOf(path), new JsonObject { ["properties"] = properties }.ToJsonString(), "test")], Cancellation);

    public async Task RemoveAsync(string path) => await _store.WriteAsync([new($"{Id}/{path}", TypeOf(path), null, "test")], Cancellation);

    public async ValueTask DisposeAsync()
    {
        Publications.Dispose();
        await _store.DisposeAsync();
        _protector.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string TypeOf(string path) => "Microsoft.ApiManagement/service" + string.Concat(path.Split('/').Where((_, i) => i % 2 == 0).Select(segment => "/" + segment));
}
