namespace Postern.ControlPlane.Store;

/// <summary>
/// The tables, the same on both databases. <c>key</c>, <c>parent</c> and <c>type</c> hold lower-case forms for comparing, <c>id</c> and
/// <c>type_name</c> what is shown. Times are UTC ticks (100 ns).
/// </summary>
internal static class StoreSchema
{
    public static string Create(ISqlDatabase database) => $"""
        CREATE TABLE IF NOT EXISTS head (revision BIGINT NOT NULL);
        INSERT INTO head (revision) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM head);
        CREATE TABLE IF NOT EXISTS resources (
            key {database.KeyText} PRIMARY KEY,
            id TEXT NOT NULL,
            type {database.KeyText} NOT NULL,
            type_name TEXT NOT NULL,
            parent {database.KeyText} NOT NULL,
            parent_id TEXT NOT NULL,
            name {database.KeyText} NOT NULL,
            etag TEXT NOT NULL,
            revision BIGINT NOT NULL,
            body TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            created_by TEXT NOT NULL,
            modified_at BIGINT NOT NULL,
            modified_by TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS resources_by_parent ON resources (parent, type, name);
        CREATE INDEX IF NOT EXISTS resources_by_type ON resources (type, name, key);
        CREATE TABLE IF NOT EXISTS changes (
            revision BIGINT NOT NULL,
            position BIGINT NOT NULL,
            id TEXT NOT NULL,
            type_name TEXT NOT NULL,
            removed BIGINT NOT NULL,
            PRIMARY KEY (revision, position));
        CREATE TABLE IF NOT EXISTS gateway_instances (
            gateway {database.KeyText} NOT NULL,
            instance {database.KeyText} NOT NULL,
            last_heartbeat BIGINT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (gateway, instance));
        """;
}
