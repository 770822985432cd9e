namespace Postern.ControlPlane.Store;

/// <summary>The table of gateway events. They are not resources: no change is logged and nobody is woken.</summary>
internal sealed class GatewayEventRows(DbSessionPool sessions)
{
    /// <summary>Of each gateway and type, so that a frequent kind of event can't push out the others.</summary>
    public const int MostOfType = 500;

    private const string Add = """
        INSERT INTO gateway_events (gateway, id, at, type, body) VALUES (@gateway, @id, @at, @type, @body)
        ON CONFLICT (gateway, id) DO NOTHING
        """;

    private const string Forget = "DELETE FROM gateway_events WHERE at < @before";

    private const string Trim = """
        DELETE FROM gateway_events WHERE gateway = @gateway AND type = @type AND at < (
            SELECT at FROM gateway_events WHERE gateway = @gateway AND type = @type ORDER BY at DESC LIMIT 1 OFFSET @most)
        """;

    private const string List =
        "SELECT id, at, type, body FROM gateway_events WHERE gateway = @gateway AND at >= @from AND at <= @to ORDER BY at DESC, id LIMIT @top";

    /// <param name="forgetBefore">Events of any gateway that are older than this are removed.</param>
    /// <returns>Those that were not there yet.</returns>
    public ValueTask<IReadOnlyList<GatewayEventRow>> AddAsync(
        string gatewayId, IReadOnlyList<GatewayEventRow> events, DateTimeOffset forgetBefore, CancellationToken cancellation) => sessions.UseAsync(
        async session =>
        {
            var gateway = ResourceIds.Key(gatewayId);
            var added = new List<GatewayEventRow>();
            await using var transaction = await session.Connection.BeginTransactionAsync(cancellation);
            foreach (var row in events)
            {
                var rows = await session.Prepare(
                    Add, transaction, ("@gateway", gateway), ("@id", row.Id), ("@at", row.At.UtcTicks), ("@type", row.Type), ("@body", row.Body))
                    .ExecuteNonQueryAsync(cancellation);
                if (rows == 1)
                {
                    added.Add(row);
                }
            }

            foreach (var type in added.Select(row => row.Type).Distinct(StringComparer.Ordinal))
            {
                await session.Prepare(Trim, transaction, ("@gateway", gateway), ("@type", type), ("@most", (long)MostOfType - 1)).ExecuteNonQueryAsync(cancellation);
            }

            await session.Prepare(Forget, transaction, ("@before", forgetBefore.UtcTicks)).ExecuteNonQueryAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return (IReadOnlyList<GatewayEventRow>)added;
        },
        cancellation);

    /// <summary>Newest first.</summary>
    public ValueTask<IReadOnlyList<GatewayEventRow>> ListAsync(
        string gatewayId, DateTimeOffset from, DateTimeOffset to, int top, CancellationToken cancellation) => sessions.UseAsync(
        async session =>
        {
            var rows = new List<GatewayEventRow>();
            await using var reader = await session.Prepare(
                List, null, ("@gateway", ResourceIds.Key(gatewayId)), ("@from", from.UtcTicks), ("@to", to.UtcTicks), ("@top", (long)top)).ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(new(reader.GetString(0), new(reader.GetInt64(1), TimeSpan.Zero), reader.GetString(2), reader.GetString(3)));
            }

            return (IReadOnlyList<GatewayEventRow>)rows;
        },
        cancellation);
}

/// <param name="At">When it happened.</param>
/// <param name="Body">JSON of the event, with the instance.</param>
internal sealed record GatewayEventRow(string Id, DateTimeOffset At, string Type, string Body);
