using Dapper;
using Microsoft.Extensions.Logging;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Keys;

/// <summary>The rows of the signing keys. Takes the database for itself while it works.</summary>
internal sealed class SigningKeyStore(DirectoryDatabase database, KeySeal seal, ILogger log)
{
    /// <summary>None when the seal is new: what was sealed before can't be opened, and is replaced at the next save.</summary>
    /// <exception cref="AuthorityException">A461: the seal is another one.</exception>
    public IReadOnlyList<SigningKey> Load()
    {
        var rows = database.Connection.Query<Row>("""
            SELECT kid AS Kid, sealed AS Sealed, created AS Created, signs_from AS SignsFrom, signs_until AS SignsUntil,
                published_until AS PublishedUntil FROM signing_keys ORDER BY signs_from
            """).AsList();
        if (seal.IsNew && rows.Count > 0)
        {
            AuthorityLog.SealingKeyMade(log);
            return [];
        }

        return
        [
            .. rows.Select(row => SigningKey.From(
                seal.Open(row.Sealed, row.Kid), Time(row.Created), Time(row.SignsFrom), Time(row.SignsUntil), Time(row.PublishedUntil))),
        ];
    }

    public void Save(IReadOnlyList<SigningKey> keys)
    {
        lock (database.Writing)
        {
            using var transaction = database.Connection.BeginTransaction();
            database.Connection.Execute("DELETE FROM signing_keys", transaction: transaction);
            database.Connection.Execute(
                "INSERT INTO signing_keys VALUES (@Kid, @Sealed, @Created, @SignsFrom, @SignsUntil, @PublishedUntil)",
                keys.Select(key => new Row(key.Kid, seal.Seal(key.PrivateKey, key.Kid), key.Created.ToUnixTimeMilliseconds(),
                    key.SignsFrom.ToUnixTimeMilliseconds(), key.SignsUntil.ToUnixTimeMilliseconds(), key.PublishedUntil.ToUnixTimeMilliseconds())),
                transaction);
            transaction.Commit();
        }
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private sealed record Row(string Kid, byte[] Sealed, long Created, long SignsFrom, long SignsUntil, long PublishedUntil);
}
