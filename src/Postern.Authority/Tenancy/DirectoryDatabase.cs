using Microsoft.Data.Sqlite;
using Postern.Hosting;

namespace Postern.Authority.Tenancy;

/// <summary>The file that the directory is kept in. One process at a time: the lock is held until the database is disposed.</summary>
internal sealed class DirectoryDatabase : IDisposable
{
    private const int SchemaVersion = 1;

    private DirectoryDatabase(SqliteConnection connection) => Connection = connection;

    /// <summary>Used by one thread at a time: at start, then under <see cref="Writing"/>.</summary>
    public SqliteConnection Connection { get; }

    public Lock Writing { get; } = new();

    /// <exception cref="AuthorityException">A460: the folder or file can't be used, or is of a newer version.</exception>
    public static DirectoryDatabase Open(string folder)
    {
        SqliteLibrary.Use();
        var path = Path.Combine(Path.GetFullPath(folder), "authority.db");
        SqliteConnection? connection = null;
        try
        {
            if (!File.Exists(path))
            {
                Directory.CreateDirectory(folder);
                PrivateFile.Write(path, ReadOnlySpan<byte>.Empty);
            }

            // A second process should hear soon that the file is taken; one that is just ending gets its second.
            connection = new($"Data Source={path};Pooling=False;Default Timeout=1");
            connection.Open();
            Run(connection, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
            Migrate(connection, path);
            return new(connection);
        }
        catch (Exception problem) when (problem is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new AuthorityException(AuthorityDiagnostics.DataFolder, $"The directory {path} cannot be used: {problem.Message}", problem);
        }
    }

    public void Dispose() => Connection.Dispose();

    private static void Migrate(SqliteConnection connection, string path)
    {
        using var transaction = connection.BeginTransaction();
        using var version = connection.CreateCommand();
        version.CommandText = "PRAGMA user_version";
        var found = (long)version.ExecuteScalar()!;
        if (found > SchemaVersion)
        {
            throw new IOException($"{path} was written by a newer version of Postern (schema {found}, this one knows {SchemaVersion})");
        }

        if (found == 0)
        {
            Run(connection, DirectorySchema.Version1);
            Run(connection, $"PRAGMA user_version={SchemaVersion}");
        }

        transaction.Commit();
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
