using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Tests.Store;

public sealed class SqliteValueIndexTests : ValueIndexContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-values-").FullName;

    protected override string Explain => "EXPLAIN QUERY PLAN";

    private protected override ISqlDatabase Database => new SqliteDatabase(Path.Combine(_folder, "other.db"));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    protected override Task<StoreOptions> CreateAsync() => Task.FromResult(StoreOptions.Sqlite(Path.Combine(_folder, "store.db")));

    protected override Task<IReadOnlyList<string>> QueryAsync(StoreOptions options, string sql) =>
        Rows.ReadAsync(new SqliteConnection($"Data Source={options.SqliteFile};Pooling=False"), sql, column: sql.StartsWith("EXPLAIN", StringComparison.Ordinal) ? 3 : 0);
}

public sealed class PostgresValueIndexTests(PostgresFixture postgres) : ValueIndexContract, IClassFixture<PostgresFixture>
{
    protected override string Explain => "EXPLAIN";

    private protected override ISqlDatabase Database => new PostgresDatabase("Host=unused", TimeProvider.System);

    protected override async Task<StoreOptions> CreateAsync()
    {
        Assert.SkipWhen(postgres.Server is null, "PostgreSQL is not installed (Debian: apt-get install postgresql).");
        return StoreOptions.Postgres(await postgres.Server!.CreateDatabaseAsync());
    }

    protected override Task<IReadOnlyList<string>> QueryAsync(StoreOptions options, string sql) =>
        Rows.ReadAsync(new NpgsqlConnection(options.PostgresConnection), sql, column: 0);
}

internal static class Rows
{
    public static async Task<IReadOnlyList<string>> ReadAsync(DbConnection connection, string sql, int column)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using (connection)
        {
            await connection.OpenAsync(cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var rows = new List<string>();
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(reader.GetValue(column).ToString()!);
            }

            return rows;
        }
    }
}
