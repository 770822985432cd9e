namespace Postern.ControlPlane.Store;

/// <summary>Where resources are kept. Exactly one of the two is set.</summary>
public sealed record StoreOptions
{
    private StoreOptions()
    {
    }

    /// <summary>Path of the database file of a control plane that runs as one process.</summary>
    public string? SqliteFile { get; private init; }

    /// <summary>Connection string of a database that several control planes share.</summary>
    public string? PostgresConnection { get; private init; }

    /// <param name="file">Created when absent; its folder too.</param>
    public static StoreOptions Sqlite(string file) => new() { SqliteFile = file };

    public static StoreOptions Postgres(string connection) => new() { PostgresConnection = connection };
}
