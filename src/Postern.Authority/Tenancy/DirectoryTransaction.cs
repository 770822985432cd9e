using Dapper;
using Microsoft.Data.Sqlite;

namespace Postern.Authority.Tenancy;

/// <summary>One change of the directory: the rows and the state in memory, side by side.</summary>
internal sealed class DirectoryTransaction(SqliteConnection connection, DirectoryState state) : IDisposable
{
    private readonly SqliteTransaction _transaction = connection.BeginTransaction();

    /// <summary>The directory as this transaction leaves it so far.</summary>
    public DirectoryState State { get; private set; } = state;

    public void Put(Tenant tenant)
    {
        Run("INSERT INTO tenants VALUES (@Id, @created) ON CONFLICT DO NOTHING", new { tenant.Id, created = Milliseconds(tenant.Created) });
        State = State.With(tenant);
    }

    public void Put(Application application)
    {
        Run("""
            INSERT INTO applications VALUES (@ObjectId, @TenantId, @AppId, @DisplayName, @created, @uris, @roles, @Properties)
            ON CONFLICT (object_id) DO UPDATE SET display_name = excluded.display_name, identifier_uris = excluded.identifier_uris,
                roles = excluded.roles, properties = excluded.properties
            """,
            new
            {
                application.ObjectId,
                application.TenantId,
                application.AppId,
                application.DisplayName,
                created = Milliseconds(application.Created),
                uris = DirectoryJson.Write(application.IdentifierUris),
                roles = DirectoryJson.Write(application.Roles),
                application.Properties,
            });
        PutCredentials(application.ObjectId, State.Applications.GetValueOrDefault(application.ObjectId)?.Credentials, application.Credentials);
        State = State.With(application);
    }

    public void Put(ServicePrincipal principal)
    {
        Run("""
            INSERT INTO service_principals VALUES (@ObjectId, @TenantId, @AppId, @kind, @DisplayName, @Enabled, @created, @alternative,
                @names, @roles, @DirectoryWriter, @IdentityKey, @Properties)
            ON CONFLICT (object_id) DO UPDATE SET display_name = excluded.display_name, enabled = excluded.enabled,
                alternative_names = excluded.alternative_names, names = excluded.names, roles = excluded.roles,
                directory_writer = excluded.directory_writer, identity_key = excluded.identity_key, properties = excluded.properties
            """,
            new
            {
                principal.ObjectId,
                principal.TenantId,
                principal.AppId,
                kind = principal.Kind.ToString(),
                principal.DisplayName,
                principal.Enabled,
                created = Milliseconds(principal.Created),
                alternative = DirectoryJson.Write(principal.AlternativeNames),
                names = DirectoryJson.Write(principal.Names),
                roles = DirectoryJson.Write(principal.Roles),
                principal.DirectoryWriter,
                principal.IdentityKey,
                principal.Properties,
            });
        PutCredentials(principal.ObjectId, State.Principals.GetValueOrDefault(principal.ObjectId)?.Credentials, principal.Credentials);
        State = State.With(principal);
    }

    public void Put(DirectoryGroup group)
    {
        Run("""
            INSERT INTO groups VALUES (@ObjectId, @TenantId, @DisplayName, @MailNickname, @Description, @created)
            ON CONFLICT (object_id) DO UPDATE SET display_name = excluded.display_name, mail_nickname = excluded.mail_nickname,
                description = excluded.description
            """,
            new { group.ObjectId, group.TenantId, group.DisplayName, group.MailNickname, group.Description, created = Milliseconds(group.Created) });
        var before = State.Groups.GetValueOrDefault(group.ObjectId)?.Members ?? [];
        Run("DELETE FROM group_members WHERE group_id = @id AND member_id = @member",
            before.Except(group.Members).Select(member => new { id = group.ObjectId, member }));
        Run("INSERT INTO group_members VALUES (@id, @member)",
            group.Members.Except(before).Select(member => new { id = group.ObjectId, member }));
        State = State.With(group);
    }

    /// <summary>Its service principals stay, as in Entra; they can't get tokens any more.</summary>
    public void Remove(Application application)
    {
        PutCredentials(application.ObjectId, application.Credentials, Credentials.None);
        Run("DELETE FROM applications WHERE object_id = @ObjectId", new { application.ObjectId });
        State = State.Without(application);
    }

    public void Remove(ServicePrincipal principal)
    {
        PutCredentials(principal.ObjectId, principal.Credentials, Credentials.None);
        RemoveFromGroups(principal.ObjectId);
        Run("DELETE FROM service_principals WHERE object_id = @ObjectId", new { principal.ObjectId });
        State = State.Without(principal);
    }

    public void Remove(DirectoryGroup group)
    {
        RemoveFromGroups(group.ObjectId);
        Run("DELETE FROM groups WHERE object_id = @ObjectId", new { group.ObjectId });
        State = State.Without(group);
    }

    public DirectoryState Commit()
    {
        _transaction.Commit();
        return State;
    }

    public void Dispose() => _transaction.Dispose();

    private void RemoveFromGroups(string member)
    {
        foreach (var id in State.GroupsOf(member, transitive: false))
        {
            var group = State.Groups[id];
            Put(group with { Members = group.Members.Remove(member) });
        }
    }

    private void PutCredentials(string owner, Credentials? before, Credentials after)
    {
        before ??= Credentials.None;
        if (before == after)
        {
            return;
        }

        Run("DELETE FROM secrets WHERE key_id = @KeyId", before.Secrets.Except(after.Secrets).Select(secret => new { secret.KeyId }));
        Run("INSERT INTO secrets VALUES (@KeyId, @owner, @DisplayName, @Hint, @hash, @starts, @ends, @Seeded)",
            after.Secrets.Except(before.Secrets).Select(secret => new
            {
                secret.KeyId,
                owner,
                secret.DisplayName,
                secret.Hint,
                hash = secret.Hash.Format(),
                starts = Milliseconds(secret.Starts),
                ends = Milliseconds(secret.Ends),
                secret.Seeded,
            }));
        Run("DELETE FROM certificates WHERE key_id = @KeyId", before.Certificates.Except(after.Certificates).Select(key => new { key.KeyId }));
        Run("INSERT INTO certificates VALUES (@KeyId, @owner, @DisplayName, @Der, @starts, @ends)",
            after.Certificates.Except(before.Certificates).Select(key => new
            {
                key.KeyId,
                owner,
                key.DisplayName,
                key.Der,
                starts = Milliseconds(key.Starts),
                ends = Milliseconds(key.Ends),
            }));
        Run("DELETE FROM federated_credentials WHERE id = @Id", before.Federated.Except(after.Federated).Select(trust => new { trust.Id }));
        Run("INSERT INTO federated_credentials VALUES (@Id, @owner, @Name, @Issuer, @Subject, @audiences, @Description)",
            after.Federated.Except(before.Federated).Select(trust => new
            {
                trust.Id,
                owner,
                trust.Name,
                trust.Issuer,
                trust.Subject,
                audiences = DirectoryJson.Write(trust.Audiences),
                trust.Description,
            }));
    }

    private void Run(string sql, object parameters) => connection.Execute(sql, parameters, _transaction);

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
