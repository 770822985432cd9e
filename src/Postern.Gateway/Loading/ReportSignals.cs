using System.Threading.Channels;

namespace Postern.Gateway.Loading;

/// <summary>Wakes the loops that report and save; signals that nobody took yet count once.</summary>
internal sealed class ReportSignals
{
    private readonly Channel<bool> _heartbeat = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<bool> _save = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Heartbeat() => _heartbeat.Writer.TryWrite(true);

    public void Save() => _save.Writer.TryWrite(true);

    /// <summary>Returns at the next signal or after the time, whichever is first.</summary>
    public async Task HeartbeatDueAsync(TimeSpan within, TimeProvider time, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            await _heartbeat.Reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The time is over.
        }
    }

    public ValueTask<bool> SaveDueAsync(CancellationToken stopping) => _save.Reader.ReadAsync(stopping);
}
