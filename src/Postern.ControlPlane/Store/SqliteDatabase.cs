using System.Data.Common;
using Microsoft.Data.Sqlite;
using Postern.Hosting;

namespace Postern.ControlPlane.Store;

/// <summary>
/// The embedded store: one file, write-ahead log. <c>synchronous=FULL</c> syncs the log at every commit, so what was answered with
/// 2xx survives a killed process and a power cut.
/// </summary>
internal sealed class SqliteDatabase : ISqlDatabase
{
    private readonly string _connectionString;

    public SqliteDatabase(string file)
    {
        SqliteLibrary.Use();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        CreatePrivate(file);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 30 }.ToString();
    }

    public string KeyText => "TEXT";

    public string KeyedTable => "WITHOUT ROWID";

    public string JoinResource(string condition) => $"CROSS JOIN resources ON {condition}";

    public string LockHead => "SELECT revision FROM head";

    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var pragmas = connection.CreateCommand();
        pragmas.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000;";
        pragmas.ExecuteNonQuery();
        return new(connection);
    }

    public async ValueTask CreateSchemaAsync(DbConnection connection, CancellationToken cancellation)
    {
        await using var create = connection.CreateCommand();
        create.CommandText = StoreSchema.Create(this);
        await create.ExecuteNonQueryAsync(cancellation);
    }

    public ValueTask AnnounceAsync(DbSession session, DbTransaction transaction, long revision, CancellationToken cancellation) => default;

    public Task ListenAsync(Action<long> written, CancellationToken cancellation) => Task.CompletedTask;

    public ValueTask DisposeAsync() => default;

    /// <summary>The file holds encrypted secrets and who may do what: nobody else on this machine needs to read it.</summary>
    private static void CreatePrivate(string file)
    {
        if (File.Exists(file))
        {
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(file, options).Dispose();
    }
}
