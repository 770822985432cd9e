using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Postern.ControlPlane.Store;

/// <summary>Keeps the index of a transaction's writes, and makes it anew for a store that was written by another version.</summary>
internal static class ValueRows
{
    /// <summary>Entries of one statement: a round trip each would be felt with PostgreSQL.</summary>
    private const int MostTogether = 8;

    private const int RowsTogether = 500;

    private const string Setting = "indexed";

    private static readonly string[] Inserts = [.. Enumerable.Range(1, MostTogether).Select(Insert)];

    public static async ValueTask ReplaceAsync(DbSession session, DbTransaction transaction, ResourceRow? before, ResourceRow? after)
    {
        var old = before is null ? [] : IndexedMembers.Of(before);
        var now = after is null ? [] : IndexedMembers.Of(after);
        foreach (var value in old.Except(now))
        {
            await session.Prepare(
                StoreStatements.DeleteValue, transaction,
                ("@collection", value.Collection), ("@member", value.Member), ("@text", value.Text), ("@path", value.Path)).ExecuteNonQueryAsync();
        }

        await InsertAsync(session, transaction, [.. now.Except(old)]);
    }

    /// <summary>Does nothing when the index is the one that this version writes.</summary>
    public static async ValueTask EnsureAsync(DbConnection connection, ISqlDatabase database, CancellationToken cancellation)
    {
        await using var session = new DbSession(connection, owns: false);
        if (await VersionAsync(session, null, cancellation) == IndexedMembers.Version)
        {
            return;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await session.Prepare(database.LockHead, transaction).ExecuteScalarAsync(cancellation);
        if (await VersionAsync(session, transaction, cancellation) != IndexedMembers.Version)
        {
            await session.Prepare(StoreStatements.DeleteValues, transaction).ExecuteNonQueryAsync(cancellation);
            await session.Prepare(StoreStatements.DeleteCounts, transaction).ExecuteNonQueryAsync(cancellation);
            await session.Prepare(StoreStatements.CountAll, transaction).ExecuteNonQueryAsync(cancellation);
            for (var after = ""; ;)
            {
                var rows = new List<ResourceRow>();
                await using (var reader = await session.Prepare(StoreStatements.ListAll, transaction, ("@after", after), ("@top", (long)RowsTogether)).ExecuteReaderAsync(cancellation))
                {
                    while (await reader.ReadAsync(cancellation))
                    {
                        rows.Add(ResourceRows.Read(reader));
                    }
                }

                if (rows.Count == 0)
                {
                    break;
                }

                await InsertAsync(session, transaction, [.. rows.SelectMany(IndexedMembers.Of)]);
                after = ResourceIds.Key(rows[^1].Id);
            }

            await session.Prepare(StoreStatements.SetSetting, transaction, ("@name", Setting), ("@value", IndexedMembers.Version)).ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    private static async ValueTask<long> VersionAsync(DbSession session, DbTransaction? transaction, CancellationToken cancellation) =>
        await session.Prepare(StoreStatements.Setting, transaction, ("@name", Setting)).ExecuteScalarAsync(cancellation) is long version ? version : 0;

    private static async ValueTask InsertAsync(DbSession session, DbTransaction transaction, IReadOnlyList<IndexedValue> values)
    {
        foreach (var together in values.Chunk(MostTogether))
        {
            var parameters = new (string Name, object? Value)[together.Length * 4];
            for (var i = 0; i < together.Length; i++)
            {
                var number = i.ToString(CultureInfo.InvariantCulture);
                var value = together[i];
                parameters[i * 4] = ("@collection" + number, value.Collection);
                parameters[(i * 4) + 1] = ("@member" + number, value.Member);
                parameters[(i * 4) + 2] = ("@text" + number, value.Text);
                parameters[(i * 4) + 3] = ("@path" + number, value.Path);
            }

            await session.Prepare(Inserts[together.Length - 1], transaction, parameters).ExecuteNonQueryAsync();
        }
    }

    private static string Insert(int count)
    {
        var sql = new StringBuilder("INSERT INTO resource_values (collection, member, value, path) VALUES ");
        sql.AppendJoin(", ", Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"(@collection{i}, @member{i}, @text{i}, @path{i})")));
        return sql.Append(" ON CONFLICT (collection, member, value, path) DO NOTHING").ToString();
    }
}
