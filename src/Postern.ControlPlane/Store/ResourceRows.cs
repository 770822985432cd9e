using System.Data.Common;

namespace Postern.ControlPlane.Store;

/// <summary>Rows from the columns that <see cref="StoreStatements"/> selects.</summary>
internal static class ResourceRows
{
    public static ResourceRow Read(DbDataReader reader)
    {
        var id = reader.GetString(0);
        return new(
            id, reader.GetString(1), reader.GetString(2), ResourceIds.NameOf(id), reader.GetString(3), reader.GetInt64(4), reader.GetString(5),
            Time(reader.GetInt64(6)), reader.GetString(7), Time(reader.GetInt64(8)), reader.GetString(9));
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
