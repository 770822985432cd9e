namespace Postern.ControlPlane.Store;

/// <summary>Reads a member table from the index.</summary>
internal static class MemberRows
{
    /// <returns>The table, and how many entries of the index it was made of.</returns>
    public static async ValueTask<(MemberTable Table, long Values)> ReadAsync(DbSession session, string parentKey, string typeKey, CancellationToken cancellation)
    {
        var members = IndexedMembers.Of(typeKey);
        var rows = new List<MemberRow>();
        await using (var reader = await session.Prepare(StoreStatements.ListNameKeys, null, ("@parent", parentKey), ("@type", typeKey)).ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(new(reader.GetString(0), new string?[members.Length]));
            }
        }

        var values = 0L;
        if (members.Length > 0)
        {
            var byName = rows.ToDictionary(row => row.Name, row => row.Texts, StringComparer.Ordinal);
            var collection = ("@collection", (object?)IndexedMembers.Key(parentKey, typeKey));
            await using var reader = await session.Prepare(StoreStatements.ListValues, null, collection).ExecuteReaderAsync(cancellation);
            for (; await reader.ReadAsync(cancellation); values++)
            {
                var place = Array.IndexOf(members, reader.GetString(0));
                if (place >= 0 && byName.TryGetValue(ResourceIds.NameOf(reader.GetString(2)), out var texts))
                {
                    texts[place] = reader.GetString(1);
                }
            }
        }

        return (MemberTable.Of(rows, members.Length), values);
    }
}
