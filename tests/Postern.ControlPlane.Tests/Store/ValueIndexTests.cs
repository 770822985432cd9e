namespace Postern.ControlPlane.Tests.Store;

public sealed class SqliteValueIndexTests(SqliteFixture database) : ValueIndexContract(database), IClassFixture<SqliteFixture>;

public sealed class PostgresValueIndexTests(PostgresFixture database) : ValueIndexContract(database), IClassFixture<PostgresFixture>;
