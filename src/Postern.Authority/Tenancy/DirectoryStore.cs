namespace Postern.Authority.Tenancy;

/// <summary>The current directory, and the one way to change it: a transaction that is on disk before anyone sees its effect.</summary>
internal sealed class DirectoryStore
{
    private readonly DirectoryDatabase _database;
    private volatile DirectoryState _current;

    public DirectoryStore(DirectoryDatabase database)
    {
        _database = database;
        _current = DirectoryReader.Read(database.Connection);
    }

    public DirectoryState Current => _current;

    /// <summary>Runs the change alone. Nothing stays of it when it throws, or when its result isn't to be kept.</summary>
    /// <param name="change">Reads <see cref="DirectoryTransaction.State"/>, which no one else changes meanwhile.</param>
    /// <param name="keep">Asked with the result; always, when absent.</param>
    public T Write<T>(Func<DirectoryTransaction, T> change, Func<T, bool>? keep = null)
    {
        lock (_database.Writing)
        {
            using var transaction = new DirectoryTransaction(_database.Connection, _current);
            var result = change(transaction);
            if (keep is null || keep(result))
            {
                _current = transaction.Commit();
            }

            return result;
        }
    }
}
