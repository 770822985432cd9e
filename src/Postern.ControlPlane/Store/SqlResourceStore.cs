using System.Data.Common;

namespace Postern.ControlPlane.Store;

/// <summary>The store on a SQL database: parallel readers, one writer that commits waiting writes together.</summary>
internal sealed class SqlResourceStore : IResourceStore, IGatewayInstanceRows, IGatewayTelemetryRows
{
    /// <summary>Keys of one statement.</summary>
    private static readonly int[] KeysTogether = [1, 10, 100];

    private readonly ISqlDatabase _database;
    private readonly DbSessionPool _readers;
    private readonly GatewayInstanceRows _instances;
    private readonly StoreWriter _writer;
    private readonly StoreHead _head;
    private readonly MemberTables _tables;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _listening;
    private long _rowsRead;

    private SqlResourceStore(ISqlDatabase database, StoreHead head, TimeProvider time)
    {
        _database = database;
        _head = head;
        _readers = new(database);
        _instances = new(_readers);
        Events = new(_readers);
        Traces = new(_readers);
        Metrics = new(_readers);
        _writer = new(database, head, time);
        _tables = new(this, ReadMembersAsync);
        _listening = database.ListenAsync(head.Advance, _stopping.Token);
    }

    public GatewayEventRows Events { get; }

    public GatewayTraceRows Traces { get; }

    public GatewayMetricRows Metrics { get; }

    public ValueTask ForgetAsync(string serviceId, CancellationToken cancellation) => GatewayReports.ForgetAsync(_readers, serviceId, cancellation);

    /// <summary>Rows that were read of resources and their index since the store was opened: what a call costs, independent of the machine.</summary>
    public long RowsRead => Interlocked.Read(ref _rowsRead);

    /// <summary>Opens the store and creates its tables when they are absent.</summary>
    public static async Task<IResourceStore> OpenAsync(StoreOptions options, TimeProvider time, CancellationToken cancellation)
    {
        ISqlDatabase database = options.SqliteFile is { } file
            ? new SqliteDatabase(file)
            : new PostgresDatabase(options.PostgresConnection!, time);
        try
        {
            await using var connection = await database.OpenAsync(cancellation);
            await database.CreateSchemaAsync(connection, cancellation);
            await ValueRows.EnsureAsync(connection, database, cancellation);
            await using var head = connection.CreateCommand();
            head.CommandText = StoreStatements.Head;
            return new SqlResourceStore(database, new((long)(await head.ExecuteScalarAsync(cancellation))!), time);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public ValueTask<ResourceRow?> FindAsync(string id, CancellationToken cancellation) => _readers.UseAsync(
        async session =>
        {
            await using var reader = await session.Prepare(StoreStatements.Find, null, ("@key", ResourceIds.Key(id))).ExecuteReaderAsync(cancellation);
            return await reader.ReadAsync(cancellation) ? Read(reader) : null;
        },
        cancellation);

    public ValueTask<IReadOnlyList<ResourceRow>> ListAsync(string parentId, string type, int skip, int? top, CancellationToken cancellation)
    {
        (string, object?) limit = ("@top", (long)(top ?? int.MaxValue));
        return ReadAllAsync(
            session => parentId.Length == 0
                ? session.Prepare(StoreStatements.ListType, null, ("@type", ResourceIds.Key(type)), limit, ("@skip", (long)skip))
                : session.Prepare(StoreStatements.ListChildren, null, ("@parent", ResourceIds.Key(parentId)), ("@type", ResourceIds.Key(type)), limit, ("@skip", (long)skip)),
            cancellation);
    }

    public ValueTask<IReadOnlyList<ResourceRow>> ListAfterAsync(string parentId, string type, string after, int top, CancellationToken cancellation) =>
        ReadAllAsync(
            session => session.Prepare(
                StoreStatements.ListAfter, null,
                ("@parent", ResourceIds.Key(parentId)), ("@type", ResourceIds.Key(type)), ("@after", ResourceIds.Key(after)), ("@top", (long)top)),
            cancellation);

    public ValueTask<IReadOnlyList<ResourceRow>> ListNamedAsync(string parentId, string type, string prefix, CancellationToken cancellation)
    {
        var from = ResourceIds.Key(prefix);
        var to = from[..^1] + (char)(from[^1] + 1);
        return ReadAllAsync(
            session => parentId.Length == 0
                ? session.Prepare(StoreStatements.ListTypeNamed, null, ("@type", ResourceIds.Key(type)), ("@from", from), ("@to", to))
                : session.Prepare(
                StoreStatements.ListNamed, null, ("@parent", ResourceIds.Key(parentId)), ("@type", ResourceIds.Key(type)), ("@from", from), ("@to", to)),
            cancellation);
    }

    public async ValueTask<IReadOnlyList<ResourceRow>> ListNamesAsync(
        string parentId, string type, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var rows = new Dictionary<string, ResourceRow>(names.Count, StringComparer.Ordinal);
        foreach (var together in names.Chunk(KeysTogether[^1]))
        {
            // The last one fills up, so that there are few statements to prepare.
            (string, object?)[] keys =
            [
                .. Enumerable.Range(0, KeysTogether.First(number => number >= together.Length))
                    .Select(i => ($"@key{i}", (object?)ResourceIds.KeyOf(parentId, type, together[Math.Min(i, together.Length - 1)]))),
            ];
            foreach (var row in await ReadAllAsync(session => session.Prepare(StoreStatements.ListKeys(keys.Length, _database), null, keys), cancellation))
            {
                rows[ResourceIds.Key(row.Name)] = row;
            }
        }

        return [.. names.Select(name => rows.GetValueOrDefault(name)).OfType<ResourceRow>()];
    }

    public ValueTask<MemberTable> MembersAsync(string parentId, string type, CancellationToken cancellation) =>
        _tables.CurrentAsync(parentId, type, cancellation);

    public ValueTask<IReadOnlyList<ResourceRow>> FindByValueAsync(ValueQuery query, int? top, CancellationToken cancellation) => ReadAllAsync(
        session => session.Prepare(
            StoreStatements.FindByValue(_database), null,
            ("@collection", IndexedMembers.Key(query.RootId, query.Collection)), ("@member", query.Member), ("@text", IndexedMembers.Fold(query.Text)),
            ("@root", ResourceIds.Key(query.RootId)), ("@top", (long)(top ?? int.MaxValue))),
        cancellation);

    public ValueTask<long> CountAsync(string parentId, string type, CancellationToken cancellation) => ReadScalarAsync(
        session => parentId.Length == 0
            ? session.Prepare(StoreStatements.CountType, null, ("@type", ResourceIds.Key(type)))
            : session.Prepare(StoreStatements.CountChildren, null, ("@parent", ResourceIds.Key(parentId)), ("@type", ResourceIds.Key(type))),
        cancellation);

    public ValueTask<IReadOnlyList<ResourceRow>> ListBelowAsync(string id, CancellationToken cancellation) =>
        ReadAllAsync(session => session.Prepare(StoreStatements.ListBelow, null, ("@key", ResourceIds.Key(id))), cancellation);

    public ValueTask<StoreOutcome> WriteAsync(IReadOnlyList<ResourceWrite> writes, CancellationToken cancellation) =>
        _writer.WriteAsync(writes, cancellation);

    public ValueTask<long> RevisionAsync(CancellationToken cancellation) =>
        ReadScalarAsync(session => session.Prepare(StoreStatements.Head, null), cancellation);

    public ValueTask<IReadOnlyList<ChangeRow>> ChangesAfterAsync(long revision, int top, CancellationToken cancellation) => _readers.UseAsync(
        async session =>
        {
            var changes = new List<ChangeRow>();
            var command = session.Prepare(StoreStatements.ChangesAfter, null, ("@revision", revision), ("@top", (long)top));
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                changes.Add(new(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3) != 0));
            }

            return (IReadOnlyList<ChangeRow>)changes;
        },
        cancellation);

    public Task WaitForChangeAsync(long revision, CancellationToken cancellation) => _head.WaitBeyondAsync(revision, cancellation);

    public ValueTask SaveAsync(GatewayInstanceRow row, DateTimeOffset forgetBefore, CancellationToken cancellation) =>
        _instances.SaveAsync(row, forgetBefore, cancellation);

    public ValueTask<IReadOnlyList<GatewayInstanceRow>> ListAsync(string gatewayId, DateTimeOffset since, CancellationToken cancellation) =>
        _instances.ListAsync(gatewayId, since, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _writer.DisposeAsync();
        _tables.Dispose();
        await _readers.DisposeAsync();
        await _database.DisposeAsync();
        _stopping.Dispose();
    }

    private ValueTask<MemberTable> ReadMembersAsync(string parentKey, string typeKey, CancellationToken cancellation) => _readers.UseAsync(
        async session =>
        {
            var read = await MemberRows.ReadAsync(session, parentKey, typeKey, cancellation);
            Interlocked.Add(ref _rowsRead, read.Table.Count + read.Values);
            return read.Table;
        },
        cancellation);

    private ResourceRow Read(DbDataReader reader)
    {
        Interlocked.Increment(ref _rowsRead);
        return ResourceRows.Read(reader);
    }

    private ValueTask<IReadOnlyList<ResourceRow>> ReadAllAsync(Func<DbSession, DbCommand> command, CancellationToken cancellation) =>
        _readers.UseAsync(
            async session =>
            {
                var rows = new List<ResourceRow>();
                await using var reader = await command(session).ExecuteReaderAsync(cancellation);
                while (await reader.ReadAsync(cancellation))
                {
                    rows.Add(Read(reader));
                }

                return (IReadOnlyList<ResourceRow>)rows;
            },
            cancellation);

    private ValueTask<long> ReadScalarAsync(Func<DbSession, DbCommand> command, CancellationToken cancellation) =>
        _readers.UseAsync(async session => await command(session).ExecuteScalarAsync(cancellation) is long value ? value : 0, cancellation);
}
