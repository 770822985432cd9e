namespace Postern.ControlPlane.Tests.Store;

public sealed class SqliteStoreTests(SqliteFixture database) : StoreContract(database), IClassFixture<SqliteFixture>;
