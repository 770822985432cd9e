namespace Postern.ControlPlane.Store;

/// <summary>The table of gateway instances, for <see cref="SqlResourceStore"/>.</summary>
internal sealed class GatewayInstanceRows(DbSessionPool sessions) : IGatewayInstanceRows
{
    private const string Save = """
        INSERT INTO gateway_instances (gateway, instance, last_heartbeat, body) VALUES (@gateway, @instance, @last, @body)
        ON CONFLICT (gateway, instance) DO UPDATE SET last_heartbeat = excluded.last_heartbeat, body = excluded.body
        """;

    private const string Forget = "DELETE FROM gateway_instances WHERE last_heartbeat < @before";

    private const string List =
        "SELECT instance, last_heartbeat, body FROM gateway_instances WHERE gateway = @gateway AND last_heartbeat >= @since ORDER BY instance";

    public async ValueTask SaveAsync(GatewayInstanceRow row, DateTimeOffset forgetBefore, CancellationToken cancellation) => await sessions.UseAsync(
        async session =>
        {
            await session.Prepare(
                Save,
                null,
                ("@gateway", ResourceIds.Key(row.GatewayId)),
                ("@instance", row.InstanceId),
                ("@last", row.LastHeartbeat.UtcTicks),
                ("@body", row.Body)).ExecuteNonQueryAsync(cancellation);
            return await session.Prepare(Forget, null, ("@before", forgetBefore.UtcTicks)).ExecuteNonQueryAsync(cancellation);
        },
        cancellation);

    public ValueTask<IReadOnlyList<GatewayInstanceRow>> ListAsync(string gatewayId, DateTimeOffset since, CancellationToken cancellation) => sessions.UseAsync(
        async session =>
        {
            var rows = new List<GatewayInstanceRow>();
            await using var reader = await session
                .Prepare(List, null, ("@gateway", ResourceIds.Key(gatewayId)), ("@since", since.UtcTicks))
                .ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(new(gatewayId, reader.GetString(0), new(reader.GetInt64(1), TimeSpan.Zero), reader.GetString(2)));
            }

            return (IReadOnlyList<GatewayInstanceRow>)rows;
        },
        cancellation);
}
