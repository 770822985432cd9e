using System.Threading.Channels;

namespace Postern.Gateway.Telemetry.Sending;

/// <summary>Wakes the sender; signals that it has not taken yet count once.</summary>
internal sealed class TelemetrySignal
{
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _due.Writer.TryWrite(true);

    public ValueTask<bool> WaitAsync(CancellationToken stopping) => _due.Reader.ReadAsync(stopping);
}
