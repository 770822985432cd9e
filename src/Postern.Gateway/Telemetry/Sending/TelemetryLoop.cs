using Postern.Gateway.Loading;

namespace Postern.Gateway.Telemetry.Sending;

/// <summary>
/// Sends metrics, events and traces to the control plane as they come. While it is away they wait in their queues, and what still is there
/// goes up when it is back. Requests never wait for any of it.
/// </summary>
internal sealed class TelemetryLoop(IReadOnlyList<ITelemetryLane> lanes, TelemetrySignal signal, TimeProvider time)
{
    /// <summary>What the gateway gives the rest at its end.</summary>
    public static readonly TimeSpan FlushWithin = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken stopping)
    {
        var pause = FirstPause;
        try
        {
            while (true)
            {
                await signal.WaitAsync(stopping);
                try
                {
                    await SendAllAsync(stopping);
                    pause = FirstPause;
                }
                catch (ConfigurationUnavailableException)
                {
                    // The configuration loop tells about the outage. A fleet must not come back in one moment.
                    await Task.Delay(pause + (pause * Random.Shared.NextDouble() * 0.5), time, stopping);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                    signal.Set();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The gateway stops; what is left is flushed.
        }
    }

    /// <summary>Sends what is left, once and within <see cref="FlushWithin"/>: called when nothing more comes.</summary>
    public async Task FlushAsync()
    {
        using var limit = new CancellationTokenSource(FlushWithin, time);
        try
        {
            await SendAllAsync(limit.Token);
        }
        catch (Exception away) when (away is ConfigurationUnavailableException or OperationCanceledException)
        {
            // Without a control plane it is lost with the process.
        }
    }

    private async Task SendAllAsync(CancellationToken cancellation)
    {
        foreach (var lane in lanes)
        {
            while (await lane.SendNextAsync(cancellation))
            {
            }
        }
    }
}
