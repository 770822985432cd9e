using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Postern.Snapshots;

namespace Postern.ControlPlane.Telemetry;

/// <summary>
/// Records events that the control plane itself sees happen, behind the back of whoever saw them: a heartbeat must not fail because an event
/// about it can't be stored.
/// </summary>
internal sealed partial class GatewayEventRecorder : IAsyncDisposable
{
    private const int MostWaiting = 1_000;

    private readonly Channel<(string GatewayId, string InstanceId, GatewayEvent Event)> _waiting =
        Channel.CreateBounded<(string, string, GatewayEvent)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly GatewayEventLog _log;
    private readonly ILogger _logger;
    private readonly Task _recording;

    public GatewayEventRecorder(GatewayEventLog log, ILogger logger)
    {
        _log = log;
        _logger = logger;
        _recording = Task.Run(RecordAsync);
    }

    /// <param name="instanceId">Empty when it isn't known.</param>
    public void Post(string gatewayId, string instanceId, GatewayEvent happened) => _waiting.Writer.TryWrite((gatewayId, instanceId, happened));

    /// <summary>Records what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _recording;
    }

    private async Task RecordAsync()
    {
        await foreach (var (gatewayId, instanceId, happened) in _waiting.Reader.ReadAllAsync())
        {
            try
            {
                await _log.RecordAsync(gatewayId, instanceId, [happened], CancellationToken.None);
            }
            catch (Exception failed) when (failed is System.Data.Common.DbException or IOException or InvalidOperationException or TimeoutException)
            {
                NotRecorded(_logger, happened.Type, failed);
            }
        }
    }

    [LoggerMessage(4134, LogLevel.Warning, "The event {Type} could not be stored", EventName = "GatewayEventNotRecorded")]
    private static partial void NotRecorded(ILogger logger, string type, Exception error);
}
