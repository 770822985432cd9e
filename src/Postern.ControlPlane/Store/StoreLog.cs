using System.Data.Common;

namespace Postern.ControlPlane.Store;

/// <summary>Keeps the change log bounded. Readers notice a gap: every revision has at least one entry.</summary>
internal static class StoreLog
{
    /// <summary>Revisions kept. A publisher that is further behind reads everything anew.</summary>
    public const int Kept = 100_000;

    private const int TrimmedEvery = 1_000;

    public static async ValueTask TrimAsync(DbSession session, DbTransaction transaction, long before, long after)
    {
        if (before / TrimmedEvery != after / TrimmedEvery && after > Kept)
        {
            await session.Prepare(StoreStatements.Trim, transaction, ("@revision", after - Kept)).ExecuteNonQueryAsync();
        }
    }
}
