using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Postern.ControlPlane.Store;
using Postern.Testing;

namespace Postern.ControlPlane.Tests.Store;

/// <summary>Where the suites of the store get empty databases of one sort, and look into them behind the store's back.</summary>
public abstract class TestDatabase : IAsyncLifetime
{
    /// <summary>Before a statement: tells how it would be executed.</summary>
    public abstract string Explain { get; }

    internal abstract ISqlDatabase Dialect { get; }

    public virtual ValueTask InitializeAsync() => default;

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    /// <returns>A new database. Skips the test when there can be none.</returns>
    public abstract Task<StoreOptions> CreateAsync();

    /// <returns>One column of what a statement of the test's own answers.</returns>
    public async Task<IReadOnlyList<string>> QueryAsync(StoreOptions options, string sql)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var connection = Connect(options);
        await connection.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(reader.GetValue(reader.FieldCount - 1).ToString()!);
        }

        return rows;
    }

    protected abstract DbConnection Connect(StoreOptions options);
}

public sealed class SqliteFixture : TestDatabase
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-store-").FullName;
    private int _files;

    public override string Explain => "EXPLAIN QUERY PLAN";

    internal override ISqlDatabase Dialect => new SqliteDatabase(Path.Combine(_folder, "dialect.db"));

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return base.DisposeAsync();
    }

    public override Task<StoreOptions> CreateAsync() =>
        Task.FromResult(StoreOptions.Sqlite(Path.Combine(_folder, $"store{Interlocked.Increment(ref _files)}.db")));

    protected override DbConnection Connect(StoreOptions options) => new SqliteConnection($"Data Source={options.SqliteFile};Pooling=False");
}

public class PostgresFixture : TestDatabase
{
    public PostgresServer? Server { get; private set; }

    public override string Explain => "EXPLAIN";

    internal override ISqlDatabase Dialect => new PostgresDatabase("Host=unused", TimeProvider.System);

    protected virtual bool Keeps => false;

    public override async ValueTask InitializeAsync() => Server = await PostgresServer.StartAsync(Keeps);

    public override async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    public override async Task<StoreOptions> CreateAsync()
    {
        Assert.SkipWhen(Server is null, "PostgreSQL is not installed (Debian: apt-get install postgresql).");
        return StoreOptions.Postgres(await Server!.CreateDatabaseAsync());
    }

    protected override DbConnection Connect(StoreOptions options) => new NpgsqlConnection(options.PostgresConnection);
}

/// <summary>A server that waits for the disk.</summary>
public sealed class KeepingPostgresFixture : PostgresFixture
{
    protected override bool Keeps => true;
}
