using System.Collections.Immutable;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Postern.Authority.Tenancy;

/// <summary>Reads the whole directory at start.</summary>
internal static class DirectoryReader
{
    public static DirectoryState Read(SqliteConnection connection)
    {
        var credentials = ReadCredentials(connection);
        var state = new DirectoryState();
        state = connection.Query<TenantRow>("SELECT id AS Id, created AS Created FROM tenants")
            .Aggregate(state, (state, row) => state.With(new Tenant(row.Id, Time(row.Created))));
        state = connection.Query<ApplicationRow>("""
            SELECT tenant_id AS TenantId, object_id AS ObjectId, app_id AS AppId, display_name AS DisplayName, created AS Created,
                identifier_uris AS IdentifierUris, roles AS Roles, properties AS Properties FROM applications
            """)
            .Aggregate(state, (state, row) => state.With(new Application(
                row.TenantId, row.ObjectId, row.AppId, row.DisplayName, Time(row.Created), DirectoryJson.Strings(row.IdentifierUris),
                DirectoryJson.Roles(row.Roles), credentials(row.ObjectId), row.Properties)));
        state = connection.Query<PrincipalRow>("""
            SELECT tenant_id AS TenantId, object_id AS ObjectId, app_id AS AppId, kind AS Kind, display_name AS DisplayName,
                enabled AS Enabled, created AS Created, alternative_names AS AlternativeNames, names AS Names, roles AS Roles,
                directory_writer AS DirectoryWriter, identity_key AS IdentityKey, properties AS Properties FROM service_principals
            """)
            .Aggregate(state, (state, row) => state.With(new ServicePrincipal(
                row.TenantId, row.ObjectId, row.AppId, Enum.Parse<PrincipalKind>(row.Kind), row.DisplayName, row.Enabled != 0,
                Time(row.Created), DirectoryJson.Strings(row.AlternativeNames), DirectoryJson.Strings(row.Names),
                DirectoryJson.Assignments(row.Roles), credentials(row.ObjectId), row.DirectoryWriter != 0, row.IdentityKey, row.Properties)));
        var members = connection.Query<MemberRow>("SELECT group_id AS GroupId, member_id AS MemberId FROM group_members")
            .ToLookup(row => row.GroupId, row => row.MemberId, StringComparer.OrdinalIgnoreCase);
        return connection.Query<GroupRow>("""
            SELECT tenant_id AS TenantId, object_id AS ObjectId, display_name AS DisplayName, mail_nickname AS MailNickname,
                description AS Description, created AS Created FROM groups
            """)
            .Aggregate(state, (state, row) => state.With(new DirectoryGroup(
                row.TenantId, row.ObjectId, row.DisplayName, row.MailNickname, row.Description, Time(row.Created),
                members[row.ObjectId].ToImmutableSortedSet(StringComparer.OrdinalIgnoreCase))));
    }

    private static Func<string, Credentials> ReadCredentials(SqliteConnection connection)
    {
        var secrets = connection.Query<SecretRow>("""
            SELECT owner_id AS OwnerId, key_id AS KeyId, display_name AS DisplayName, hint AS Hint, hash AS Hash, starts AS Starts,
                ends AS Ends, seeded AS Seeded FROM secrets ORDER BY starts, key_id
            """)
            .ToLookup(row => row.OwnerId, row => new ClientSecret(
                row.KeyId, row.DisplayName, row.Hint, SecretHash.Parse(row.Hash), Time(row.Starts), Time(row.Ends), row.Seeded != 0), Ids);
        var certificates = connection.Query<CertificateRow>("""
            SELECT owner_id AS OwnerId, key_id AS KeyId, display_name AS DisplayName, der AS Der, starts AS Starts, ends AS Ends
            FROM certificates ORDER BY starts, key_id
            """)
            .ToLookup(row => row.OwnerId, row => new ClientCertificate(row.KeyId, row.DisplayName, row.Der, Time(row.Starts), Time(row.Ends)), Ids);
        var federated = connection.Query<FederatedRow>("""
            SELECT owner_id AS OwnerId, id AS Id, name AS Name, issuer AS Issuer, subject AS Subject, audiences AS Audiences,
                description AS Description FROM federated_credentials ORDER BY name
            """)
            .ToLookup(row => row.OwnerId, row => new FederatedCredential(
                row.Id, row.Name, row.Issuer, row.Subject, DirectoryJson.Strings(row.Audiences), row.Description), Ids);
        return owner => secrets.Contains(owner) || certificates.Contains(owner) || federated.Contains(owner)
            ? new([.. secrets[owner]], [.. certificates[owner]], [.. federated[owner]])
            : Credentials.None;
    }

    private static StringComparer Ids => StringComparer.OrdinalIgnoreCase;

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private sealed record TenantRow(string Id, long Created);

    private sealed record ApplicationRow(
        string TenantId, string ObjectId, string AppId, string DisplayName, long Created, string IdentifierUris, string Roles, string Properties);

    private sealed record PrincipalRow(
        string TenantId, string ObjectId, string AppId, string Kind, string DisplayName, long Enabled, long Created, string AlternativeNames,
        string Names, string Roles, long DirectoryWriter, byte[]? IdentityKey, string Properties);

    private sealed record GroupRow(
        string TenantId, string ObjectId, string DisplayName, string MailNickname, string? Description, long Created);

    private sealed record MemberRow(string GroupId, string MemberId);

    private sealed record SecretRow(
        string OwnerId, string KeyId, string? DisplayName, string Hint, string Hash, long Starts, long Ends, long Seeded);

    private sealed record CertificateRow(string OwnerId, string KeyId, string? DisplayName, byte[] Der, long Starts, long Ends);

    private sealed record FederatedRow(
        string OwnerId, string Id, string Name, string Issuer, string Subject, string Audiences, string? Description);
}
