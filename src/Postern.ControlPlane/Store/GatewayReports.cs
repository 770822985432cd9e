namespace Postern.ControlPlane.Store;

/// <summary>Everything that the gateways of a service ever reported, in all tables that hold such things.</summary>
internal static class GatewayReports
{
    private static readonly string[] Tables = ["gateway_instances", "gateway_events", "gateway_traces", "gateway_metrics", "gateway_metric_batches"];

    /// <summary>'0' follows '/' in ASCII.</summary>
    public static async ValueTask ForgetAsync(DbSessionPool sessions, string serviceId, CancellationToken cancellation) => await sessions.UseAsync(
        async session =>
        {
            var gateways = $"{ResourceIds.Key(serviceId)}/gateways";
            await using var transaction = await session.Connection.BeginTransactionAsync(cancellation);
            foreach (var table in Tables)
            {
                await session.Prepare(
                    $"DELETE FROM {table} WHERE gateway >= @from AND gateway < @to", transaction, ("@from", gateways + "/"), ("@to", gateways + "0")).ExecuteNonQueryAsync(cancellation);
            }

            await transaction.CommitAsync(cancellation);
            return true;
        },
        cancellation);
}
