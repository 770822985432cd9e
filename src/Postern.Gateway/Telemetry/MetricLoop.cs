using Postern.Gateway.State;
using Postern.Gateway.Telemetry.Sending;
using Postern.Snapshots;

namespace Postern.Gateway.Telemetry;

/// <summary>Hands each minute's sums to the outgoing queue, and the last part of a minute when the gateway stops.</summary>
internal sealed class MetricLoop(TelemetryQueue<MetricBatch> queue, RequestCounters counters, PolicyMetrics policyMetrics, CurrentState current, string instanceId, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Points of one batch: what the configuration API takes within its bytes.</summary>
    private const int MostPoints = 1_000;

    /// <summary>The same for values of policies, whose dimensions are as long as policies make them.</summary>
    private const int MostEmitted = 100;

    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var from = time.GetUtcNow();
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                var to = time.GetUtcNow();
                Enqueue(from, to);
                from = to;
            }
        }
        catch (OperationCanceledException)
        {
            Enqueue(from, time.GetUtcNow());
        }
    }

    private void Enqueue(DateTimeOffset from, DateTimeOffset to)
    {
        var (emitted, lost) = policyMetrics.Drain();
        foreach (var points in counters.Drain(current.State?.Deployment.Region ?? "").Chunk(MostPoints).Concat(emitted.Chunk(MostEmitted)))
        {
            queue.Add(new(Guid.NewGuid().ToString("N"), instanceId, from, to, points, lost));
            lost = 0;
        }
    }
}
