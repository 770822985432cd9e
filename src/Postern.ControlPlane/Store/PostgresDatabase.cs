using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Postern.ControlPlane.Store;

/// <summary>The shared store of several control planes: NOTIFY at commit wakes the long polls of the others.</summary>
internal sealed class PostgresDatabase(string connectionString, TimeProvider time) : ISqlDatabase
{
    private const string Channel = "postern_changes";
    private const long SchemaLock = 0x706f7374;

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);

    public string KeyText => "TEXT COLLATE \"C\"";

    public string KeyedTable => "";

    public string JoinResource(string condition) => $"CROSS JOIN LATERAL (SELECT * FROM resources WHERE {condition} LIMIT 1) AS resource";

    /// <summary>
    /// What is answered must be kept: a database that is set up not to wait for its disk waits in this transaction. Other settings wait for
    /// more than the disk, and stay.
    /// </summary>
    public string LockHead => """
        SELECT revision, CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END
        FROM head FOR UPDATE
        """;

    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellation) => await _source.OpenConnectionAsync(cancellation);

    public async ValueTask CreateSchemaAsync(DbConnection connection, CancellationToken cancellation)
    {
        // Replicas that start together would race in CREATE TABLE IF NOT EXISTS: one after the other, by an advisory lock.
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var create = connection.CreateCommand();
        create.CommandText = $"SELECT pg_advisory_xact_lock({SchemaLock}); {StoreSchema.Create(this)}";
        await create.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    public async ValueTask AnnounceAsync(DbSession session, DbTransaction transaction, long revision, CancellationToken cancellation)
    {
        var text = revision.ToString(CultureInfo.InvariantCulture);
        await session.Prepare($"SELECT pg_notify('{Channel}', @revision)", transaction, ("@revision", text)).ExecuteNonQueryAsync(cancellation);
    }

    public async Task ListenAsync(Action<long> written, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await ListenOnceAsync(written, cancellation);
            }
            catch (Exception error) when (error is NpgsqlException or IOException)
            {
                // The database restarts or the network broke: try again soon; what was missed is read from the head after reconnecting.
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task ListenOnceAsync(Action<long> written, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation);
        connection.Notification += (_, notice) => written(long.Parse(notice.Payload, CultureInfo.InvariantCulture));
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellation);
        }

        await using (var head = new NpgsqlCommand("SELECT revision FROM head", connection))
        {
            written((long)(await head.ExecuteScalarAsync(cancellation))!);
        }

        while (true)
        {
            await connection.WaitAsync(cancellation);
        }
    }
}
