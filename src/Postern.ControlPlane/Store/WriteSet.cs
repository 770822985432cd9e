using System.Buffers.Binary;
using System.Data.Common;

namespace Postern.ControlPlane.Store;

/// <summary>One caller's writes inside a transaction: checks each precondition, writes rows and log entries.</summary>
internal sealed class WriteSet(DbSession session, DbTransaction transaction, long revision, DateTimeOffset now)
{
    private readonly Dictionary<(string Parent, string Type), long> _counts = [];
    private long _position;

    /// <summary>False when nothing had to be written (removals of what is not there).</summary>
    public bool Changed => _position > 0;

    public async ValueTask<StoreOutcome> ApplyAsync(IReadOnlyList<ResourceWrite> writes)
    {
        var rows = new ResourceRow?[writes.Count];
        var created = new bool[writes.Count];
        for (var i = 0; i < writes.Count; i++)
        {
            var write = writes[i];
            var existing = await FindAsync(write.Id);
            if (!Holds(write, existing) || (write.ParentMustExist && await FindAsync(ResourceIds.ParentOf(write.Id)) is null))
            {
                return new(revision, [], [], write);
            }

            if (write.IsCheck)
            {
                continue;
            }

            if (write.Body is null)
            {
                await RemoveAsync(write);
            }
            else
            {
                rows[i] = await PutAsync(write, existing);
                created[i] = existing is null;
            }
        }

        foreach (var ((parent, type), change) in _counts)
        {
            if (change != 0)
            {
                await session.Prepare(StoreStatements.AddCount, transaction, ("@parent", parent), ("@type", type), ("@n", change)).ExecuteNonQueryAsync();
            }
        }

        return new(revision, rows, created, null);
    }

    /// <summary>Lists tell how many there are, which must not be counted each time.</summary>
    private void Count(ResourceRow row, int change)
    {
        var key = (ResourceIds.Key(row.ParentId), ResourceIds.Key(row.Type));
        _counts[key] = _counts.GetValueOrDefault(key) + change;
    }

    private static bool Holds(ResourceWrite write, ResourceRow? existing) =>
        !(write.MustNotExist && existing is not null)
        && (write.IfMatch is null || (existing is not null && (write.IfMatch == "*" || write.IfMatch == existing.ETag)));

    private async ValueTask<ResourceRow?> FindAsync(string id)
    {
        await using var reader = await session.Prepare(StoreStatements.Find, transaction, ("@key", ResourceIds.Key(id))).ExecuteReaderAsync();
        return await reader.ReadAsync() ? ResourceRows.Read(reader) : null;
    }

    private async ValueTask<ResourceRow> PutAsync(ResourceWrite write, ResourceRow? existing)
    {
        var id = existing?.Id ?? write.Id;
        var row = new ResourceRow(
            id, existing?.Type ?? write.Type, existing?.ParentId ?? ResourceIds.ParentOf(id), ResourceIds.NameOf(id), ETag(), revision, write.Body!,
            (existing ?? write.Origin)?.CreatedAt ?? now, (existing ?? write.Origin)?.CreatedBy ?? write.By, now, write.By);
        await session.Prepare(
            StoreStatements.Upsert,
            transaction,
            ("@key", ResourceIds.Key(id)),
            ("@id", id),
            ("@type", ResourceIds.Key(row.Type)),
            ("@type_name", row.Type),
            ("@parent", ResourceIds.Key(row.ParentId)),
            ("@parent_id", row.ParentId),
            ("@name", ResourceIds.Key(row.Name)),
            ("@etag", row.ETag),
            ("@revision", revision),
            ("@body", row.Body),
            ("@created_at", row.CreatedAt.UtcTicks),
            ("@created_by", row.CreatedBy),
            ("@modified_at", now.UtcTicks),
            ("@modified_by", row.ModifiedBy)).ExecuteNonQueryAsync();
        if (existing is null)
        {
            Count(row, 1);
        }

        await ValueRows.ReplaceAsync(session, transaction, existing, row);
        await LogAsync(id, row.Type, removed: false);
        return row;
    }

    private async ValueTask RemoveAsync(ResourceWrite write)
    {
        var key = ResourceIds.Key(write.Id);
        var removed = new List<ResourceRow>();
        await using (var reader = await session.Prepare(StoreStatements.ListBelow, transaction, ("@key", key)).ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                removed.Add(ResourceRows.Read(reader));
            }
        }

        if (removed.Count == 0)
        {
            return;
        }

        await session.Prepare(StoreStatements.DeleteBelow, transaction, ("@key", key)).ExecuteNonQueryAsync();
        foreach (var row in removed)
        {
            Count(row, -1);
            await ValueRows.ReplaceAsync(session, transaction, row, null);
            await LogAsync(row.Id, row.Type, removed: true);
        }

        if (write.KeepBelow is { } place)
        {
            foreach (var kept in KeptRows.Keep(place, removed, write.By))
            {
                await PutAsync(kept, null);
            }
        }
    }

    private async ValueTask LogAsync(string id, string type, bool removed) => await session.Prepare(
        StoreStatements.Log,
        transaction,
        ("@revision", revision),
        ("@position", _position++),
        ("@id", id),
        ("@type_name", type),
        ("@removed", removed ? 1L : 0L)).ExecuteNonQueryAsync();

    /// <summary>The revision in the product's shape, eight bytes in base64: it changes with every write of a resource.</summary>
    private string ETag()
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, revision);
        return Convert.ToBase64String(bytes);
    }
}
