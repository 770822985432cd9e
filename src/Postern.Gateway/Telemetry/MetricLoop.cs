using Postern.Gateway.Loading;
using Postern.Gateway.State;
using Postern.Snapshots;

namespace Postern.Gateway.Telemetry;

/// <summary>Sends each minute's sums to the control plane. What cannot be sent waits in a bounded queue; the oldest goes first.</summary>
internal sealed class MetricLoop(ConfigurationClient client, RequestCounters counters, CurrentState current, string instanceId, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>An hour of minutes.</summary>
    private const int QueueLimit = 60;

    private readonly Queue<MetricBatch> _queue = new();
    private long _dropped;

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
                await SendAsync(stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private void Enqueue(DateTimeOffset from, DateTimeOffset to)
    {
        var points = counters.Drain(current.State?.Deployment.Region ?? "");
        if (points.Count == 0)
        {
            return;
        }

        if (_queue.Count == QueueLimit)
        {
            _dropped += _queue.Dequeue().Points.Count;
        }

        _queue.Enqueue(new(instanceId, from, to, points, 0));
    }

    private async Task SendAsync(CancellationToken stopping)
    {
        while (_queue.TryPeek(out var batch))
        {
            try
            {
                await client.PostMetricsAsync(batch with { Dropped = _dropped }, stopping);
            }
            catch (ConfigurationUnavailableException)
            {
                // The configuration loop tells about the outage; the batch waits.
                return;
            }

            _dropped = 0;
            _queue.Dequeue();
        }
    }
}
