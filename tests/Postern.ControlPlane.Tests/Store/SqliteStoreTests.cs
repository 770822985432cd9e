using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Tests.Store;

public sealed class SqliteStoreTests : StoreContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-store-").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    protected override Task<StoreOptions> CreateAsync() => Task.FromResult(StoreOptions.Sqlite(Path.Combine(_folder, "store.db")));
}
