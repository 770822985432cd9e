namespace Postern.ControlPlane.Store;

/// <summary>The table of request traces, whose bodies come sealed.</summary>
internal sealed class GatewayTraceRows(DbSessionPool sessions)
{
    /// <summary>Of each gateway: what the product keeps.</summary>
    public const int Most = 100;

    private const string Add = """
        INSERT INTO gateway_traces (gateway, id, at, body) VALUES (@gateway, @id, @at, @body)
        ON CONFLICT (gateway, id) DO NOTHING
        """;

    private const string Forget = "DELETE FROM gateway_traces WHERE at < @before";

    private const string Trim = """
        DELETE FROM gateway_traces WHERE gateway = @gateway AND at < (
            SELECT at FROM gateway_traces WHERE gateway = @gateway ORDER BY at DESC LIMIT 1 OFFSET @most)
        """;

    private const string Find = "SELECT body FROM gateway_traces WHERE gateway = @gateway AND id = @id";

    /// <param name="forgetBefore">Traces of any gateway that are older than this are removed.</param>
    public async ValueTask AddAsync(string gatewayId, IReadOnlyList<GatewayTraceRow> traces, DateTimeOffset forgetBefore, CancellationToken cancellation) =>
        await sessions.UseAsync(
            async session =>
            {
                var gateway = ResourceIds.Key(gatewayId);
                await using var transaction = await session.Connection.BeginTransactionAsync(cancellation);
                foreach (var row in traces)
                {
                    await session.Prepare(Add, transaction, ("@gateway", gateway), ("@id", row.Id), ("@at", row.At.UtcTicks), ("@body", row.Body)).ExecuteNonQueryAsync(cancellation);
                }

                await session.Prepare(Trim, transaction, ("@gateway", gateway), ("@most", (long)Most - 1)).ExecuteNonQueryAsync(cancellation);
                await session.Prepare(Forget, transaction, ("@before", forgetBefore.UtcTicks)).ExecuteNonQueryAsync(cancellation);
                await transaction.CommitAsync(cancellation);
                return true;
            },
            cancellation);

    /// <returns>The sealed body; null when there is no such trace, or none any more.</returns>
    public ValueTask<string?> FindAsync(string gatewayId, string id, CancellationToken cancellation) => sessions.UseAsync(
        async session => (string?)await session.Prepare(Find, null, ("@gateway", ResourceIds.Key(gatewayId)), ("@id", id)).ExecuteScalarAsync(cancellation),
        cancellation);
}

/// <param name="At">When the control plane got it.</param>
internal sealed record GatewayTraceRow(string Id, DateTimeOffset At, string Body);
