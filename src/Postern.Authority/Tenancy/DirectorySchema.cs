namespace Postern.Authority.Tenancy;

/// <summary>Times are Unix milliseconds; lists are JSON arrays; ids are lower-case GUIDs, compared without case.</summary>
internal static class DirectorySchema
{
    public const string Version1 = """
        CREATE TABLE tenants (
            id TEXT COLLATE NOCASE PRIMARY KEY,
            created INTEGER NOT NULL
        );
        CREATE TABLE applications (
            object_id TEXT COLLATE NOCASE PRIMARY KEY,
            tenant_id TEXT COLLATE NOCASE NOT NULL REFERENCES tenants(id),
            app_id TEXT COLLATE NOCASE NOT NULL UNIQUE,
            display_name TEXT NOT NULL,
            created INTEGER NOT NULL,
            identifier_uris TEXT NOT NULL,
            roles TEXT NOT NULL,
            properties TEXT NOT NULL
        );
        CREATE TABLE service_principals (
            object_id TEXT COLLATE NOCASE PRIMARY KEY,
            tenant_id TEXT COLLATE NOCASE NOT NULL REFERENCES tenants(id),
            app_id TEXT COLLATE NOCASE NOT NULL,
            kind TEXT NOT NULL,
            display_name TEXT NOT NULL,
            enabled INTEGER NOT NULL,
            created INTEGER NOT NULL,
            alternative_names TEXT NOT NULL,
            names TEXT NOT NULL,
            roles TEXT NOT NULL,
            directory_writer INTEGER NOT NULL,
            identity_key BLOB,
            properties TEXT NOT NULL,
            UNIQUE (tenant_id, app_id)
        );
        CREATE TABLE secrets (
            key_id TEXT COLLATE NOCASE PRIMARY KEY,
            owner_id TEXT COLLATE NOCASE NOT NULL,
            display_name TEXT,
            hint TEXT NOT NULL,
            hash TEXT NOT NULL,
            starts INTEGER NOT NULL,
            ends INTEGER NOT NULL,
            seeded INTEGER NOT NULL
        );
        CREATE INDEX secrets_of ON secrets (owner_id);
        CREATE TABLE certificates (
            key_id TEXT COLLATE NOCASE PRIMARY KEY,
            owner_id TEXT COLLATE NOCASE NOT NULL,
            display_name TEXT,
            der BLOB NOT NULL,
            starts INTEGER NOT NULL,
            ends INTEGER NOT NULL
        );
        CREATE INDEX certificates_of ON certificates (owner_id);
        CREATE TABLE federated_credentials (
            id TEXT COLLATE NOCASE PRIMARY KEY,
            owner_id TEXT COLLATE NOCASE NOT NULL,
            name TEXT NOT NULL,
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            audiences TEXT NOT NULL,
            description TEXT
        );
        CREATE INDEX federated_credentials_of ON federated_credentials (owner_id);
        CREATE TABLE groups (
            object_id TEXT COLLATE NOCASE PRIMARY KEY,
            tenant_id TEXT COLLATE NOCASE NOT NULL REFERENCES tenants(id),
            display_name TEXT NOT NULL,
            mail_nickname TEXT NOT NULL,
            description TEXT,
            created INTEGER NOT NULL
        );
        CREATE TABLE group_members (
            group_id TEXT COLLATE NOCASE NOT NULL REFERENCES groups(object_id) ON DELETE CASCADE,
            member_id TEXT COLLATE NOCASE NOT NULL,
            PRIMARY KEY (group_id, member_id)
        ) WITHOUT ROWID;
        CREATE TABLE signing_keys (
            kid TEXT PRIMARY KEY,
            sealed BLOB NOT NULL,
            created INTEGER NOT NULL,
            signs_from INTEGER NOT NULL,
            signs_until INTEGER NOT NULL,
            published_until INTEGER NOT NULL
        );
        """;
}
