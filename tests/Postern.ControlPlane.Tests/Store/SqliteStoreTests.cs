using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Tests.Store;

public sealed class SqliteStoreTests : StoreContract
{
    protected override Task<StoreOptions> CreateAsync() =>
        Task.FromResult(StoreOptions.Sqlite(Path.Combine(Directory.CreateTempSubdirectory("postern-store-").FullName, "store.db")));
}
