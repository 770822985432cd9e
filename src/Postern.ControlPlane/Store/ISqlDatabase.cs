using System.Data.Common;

namespace Postern.ControlPlane.Store;

/// <summary>What differs between SQLite and PostgreSQL below <see cref="SqlResourceStore"/>.</summary>
internal interface ISqlDatabase : IAsyncDisposable
{
    /// <summary>Column type of text that is compared byte by byte.</summary>
    string KeyText { get; }

    /// <summary>What follows the columns of a table that is its own primary key.</summary>
    string KeyedTable { get; }

    /// <summary>
    /// Joins the resource that a condition names to each row before it, one lookup each. A planner that can't know that few are asked for
    /// would walk through all resources instead.
    /// </summary>
    string JoinResource(string condition);

    /// <summary>Reads the head revision at the start of a write and keeps every other writer out until the transaction ends.</summary>
    string LockHead { get; }

    /// <summary>Makes the tables when they are absent; safe when several replicas start at once.</summary>
    ValueTask CreateSchemaAsync(DbConnection connection, CancellationToken cancellation);

    ValueTask<DbConnection> OpenAsync(CancellationToken cancellation);

    /// <summary>Tells other replicas, when the transaction commits, that there is a new revision.</summary>
    ValueTask AnnounceAsync(DbSession session, DbTransaction transaction, long revision, CancellationToken cancellation);

    /// <summary>Runs until cancelled; calls back with revisions that other replicas wrote.</summary>
    Task ListenAsync(Action<long> written, CancellationToken cancellation);
}
