using System.Data.Common;

namespace Postern.ControlPlane.Store;

/// <summary>
/// The table of metric roll-ups: sums by minute and by hour. A batch is added to both in one transaction with its id, so that one that is
/// sent twice counts once and a late one goes where it belongs.
/// </summary>
internal sealed class GatewayMetricRows(DbSessionPool sessions)
{
    /// <summary>
    /// Rows of one gateway and grain at one time. Some dimensions are chosen by callers (host names): beyond this, points are summed up
    /// without dimensions, so that totals stay right.
    /// </summary>
    private const int MostRows = 20_000;

    private const string NoDimensions = "{}";

    private const string Known = """
        INSERT INTO gateway_metric_batches (gateway, id, received) VALUES (@gateway, @id, @received)
        ON CONFLICT (gateway, id) DO NOTHING
        """;

    private const string Add = """
        INSERT INTO gateway_metrics (gateway, grain, at, name, dimensions_hash, dimensions, count, sum, min, max)
        VALUES (@gateway, @grain, @at, @name, @hash, @dimensions, @count, @sum, @min, @max)
        ON CONFLICT (gateway, grain, at, name, dimensions_hash) DO UPDATE SET
            count = gateway_metrics.count + excluded.count,
            sum = gateway_metrics.sum + excluded.sum,
            min = CASE WHEN excluded.min < gateway_metrics.min THEN excluded.min ELSE gateway_metrics.min END,
            max = CASE WHEN excluded.max > gateway_metrics.max THEN excluded.max ELSE gateway_metrics.max END
        """;

    private const string Count = "SELECT count(*) FROM gateway_metrics WHERE gateway = @gateway AND grain = @grain AND at = @at";

    private const string ForgetRows = "DELETE FROM gateway_metrics WHERE grain = @grain AND at < @before";

    private const string ForgetBatches = "DELETE FROM gateway_metric_batches WHERE received < @before";

    private const string List = """
        SELECT at, name, dimensions, count, sum, min, max FROM gateway_metrics
        WHERE gateway = @gateway AND grain = @grain AND at >= @from AND at < @to ORDER BY at, name, dimensions_hash LIMIT @top
        """;

    /// <param name="batchId">Unique per gateway.</param>
    /// <param name="grains">What to sum the points up by.</param>
    public async ValueTask AddAsync(
        string gatewayId, string batchId, IReadOnlyList<MetricRow> points, IReadOnlyList<MetricGrain> grains, DateTimeOffset now, CancellationToken cancellation) =>
        await sessions.UseAsync(
            async session =>
            {
                var gateway = ResourceIds.Key(gatewayId);
                await using var transaction = await session.Connection.BeginTransactionAsync(cancellation);
                if (await session.Prepare(Known, transaction, ("@gateway", gateway), ("@id", batchId), ("@received", now.UtcTicks)).ExecuteNonQueryAsync(cancellation) == 1)
                {
                    foreach (var grain in grains)
                    {
                        await AddAsync(session, transaction, gateway, points, grain, cancellation);
                        await session.Prepare(ForgetRows, transaction, ("@grain", grain.Length.Ticks), ("@before", (now - grain.KeptFor).UtcTicks)).ExecuteNonQueryAsync(cancellation);
                    }

                    await session.Prepare(ForgetBatches, transaction, ("@before", now.AddDays(-1).UtcTicks)).ExecuteNonQueryAsync(cancellation);
                }

                await transaction.CommitAsync(cancellation);
                return true;
            },
            cancellation);

    /// <summary>By time, then name.</summary>
    public ValueTask<IReadOnlyList<MetricRow>> ListAsync(
        string gatewayId, TimeSpan grain, DateTimeOffset from, DateTimeOffset to, int top, CancellationToken cancellation) => sessions.UseAsync(
        async session =>
        {
            var rows = new List<MetricRow>();
            await using var reader = await session.Prepare(
                List, null, ("@gateway", ResourceIds.Key(gatewayId)), ("@grain", grain.Ticks), ("@from", from.UtcTicks), ("@to", to.UtcTicks), ("@top", (long)top))
                .ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(new(
                    new(reader.GetInt64(0), TimeSpan.Zero), reader.GetString(1), "", reader.GetString(2), reader.GetInt64(3), reader.GetDouble(4), reader.GetDouble(5), reader.GetDouble(6)));
            }

            return (IReadOnlyList<MetricRow>)rows;
        },
        cancellation);

    private static async ValueTask AddAsync(
        DbSession session, DbTransaction transaction, string gateway, IReadOnlyList<MetricRow> points, MetricGrain grain, CancellationToken cancellation)
    {
        foreach (var period in points.GroupBy(point => point.At.UtcTicks - (point.At.UtcTicks % grain.Length.Ticks)))
        {
            var rows = (long)(await session.Prepare(Count, transaction, ("@gateway", gateway), ("@grain", grain.Length.Ticks), ("@at", period.Key)).ExecuteScalarAsync(cancellation))!;
            foreach (var point in period)
            {
                var whole = rows + points.Count <= MostRows;
                await session.Prepare(
                    Add, transaction,
                    ("@gateway", gateway), ("@grain", grain.Length.Ticks), ("@at", period.Key), ("@name", point.Name),
                    ("@hash", whole ? point.DimensionsHash : ""), ("@dimensions", whole ? point.Dimensions : NoDimensions),
                    ("@count", point.Count), ("@sum", point.Sum), ("@min", point.Min), ("@max", point.Max)).ExecuteNonQueryAsync(cancellation);
            }
        }
    }
}

/// <param name="At">Start of its period.</param>
/// <param name="Name">After the namespace and <see cref="NamespaceEnd"/> when a policy emitted it.</param>
/// <param name="DimensionsHash">Tells dimensions apart; empty where it was read.</param>
/// <param name="Dimensions">A JSON object of texts, members in order.</param>
internal sealed record MetricRow(DateTimeOffset At, string Name, string DimensionsHash, string Dimensions, long Count, double Sum, double Min, double Max)
{
    /// <summary>No name has it.</summary>
    public const char NamespaceEnd = '\n';
}

/// <param name="Length">Of a period.</param>
/// <param name="KeptFor">Rows that began longer ago are removed.</param>
internal sealed record MetricGrain(TimeSpan Length, TimeSpan KeptFor);
