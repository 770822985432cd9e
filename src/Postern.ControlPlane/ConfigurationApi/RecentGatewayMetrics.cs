using System.Collections.Concurrent;
using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>The last hour of each gateway's metrics, in memory: for looking at, not for accounting.</summary>
internal sealed class RecentGatewayMetrics(TimeProvider time) : IGatewayMetrics
{
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>Batches of one gateway; the oldest go first.</summary>
    public const int MostBatches = 2_000;

    private readonly ConcurrentDictionary<string, Queue<MetricBatch>> _batches = new(StringComparer.OrdinalIgnoreCase);

    public void Record(string gatewayResourceId, MetricBatch batch)
    {
        var queue = _batches.GetOrAdd(gatewayResourceId, _ => new());
        lock (queue)
        {
            queue.Enqueue(batch);
            var oldest = time.GetUtcNow() - Window;
            while (queue.Count > MostBatches || (queue.TryPeek(out var first) && first.To < oldest))
            {
                queue.Dequeue();
            }
        }
    }

    public IReadOnlyList<MetricBatch> Recent(string gatewayResourceId)
    {
        if (!_batches.TryGetValue(gatewayResourceId, out var queue))
        {
            return [];
        }

        var oldest = time.GetUtcNow() - Window;
        lock (queue)
        {
            return [.. queue.Where(batch => batch.To >= oldest)];
        }
    }
}
