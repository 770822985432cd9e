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
        CREATE TABLE IF NOT EXISTS resource_values (
            collection BIGINT NOT NULL,
            member {database.KeyText} NOT NULL,
            value {database.KeyText} NOT NULL,
            path {database.KeyText} NOT NULL,
            PRIMARY KEY (collection, member, value, path)) {database.KeyedTable};
        CREATE TABLE IF NOT EXISTS resource_counts (
            parent {database.KeyText} NOT NULL,
            type {database.KeyText} NOT NULL,
            n BIGINT NOT NULL,
            PRIMARY KEY (parent, type));
        CREATE TABLE IF NOT EXISTS settings (name {database.KeyText} PRIMARY KEY, value BIGINT NOT NULL);
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
        CREATE TABLE IF NOT EXISTS gateway_events (
            gateway {database.KeyText} NOT NULL,
            id {database.KeyText} NOT NULL,
            at BIGINT NOT NULL,
            type TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (gateway, id));
        CREATE INDEX IF NOT EXISTS gateway_events_by_time ON gateway_events (gateway, at);
        CREATE TABLE IF NOT EXISTS gateway_traces (
            gateway {database.KeyText} NOT NULL,
            id {database.KeyText} NOT NULL,
            at BIGINT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (gateway, id));
        CREATE INDEX IF NOT EXISTS gateway_traces_by_time ON gateway_traces (gateway, at);
        CREATE TABLE IF NOT EXISTS gateway_metrics (
            gateway {database.KeyText} NOT NULL,
            grain BIGINT NOT NULL,
            at BIGINT NOT NULL,
            name {database.KeyText} NOT NULL,
            dimensions_hash {database.KeyText} NOT NULL,
            dimensions TEXT NOT NULL,
            count BIGINT NOT NULL,
            sum DOUBLE PRECISION NOT NULL,
            min DOUBLE PRECISION NOT NULL,
            max DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (gateway, grain, at, name, dimensions_hash));
        CREATE INDEX IF NOT EXISTS gateway_metrics_by_age ON gateway_metrics (grain, at);
        CREATE TABLE IF NOT EXISTS gateway_metric_batches (
            gateway {database.KeyText} NOT NULL,
            id {database.KeyText} NOT NULL,
            received BIGINT NOT NULL,
            PRIMARY KEY (gateway, id));
        CREATE INDEX IF NOT EXISTS gateway_metric_batches_by_age ON gateway_metric_batches (received);
        """;
}
