using Microsoft.Extensions.Logging;
using Postern.Snapshots;

namespace Postern.Gateway.Loading;

/// <summary>Tells the control plane every minute, and whenever a revision was applied or rejected, that this instance lives.</summary>
internal sealed partial class HeartbeatLoop(
    ConfigurationClient client, StateLoader loader, ReportSignals signals, InstanceIdentity instance, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly long _started = time.GetTimestamp();
    private bool _failing;

    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await signals.HeartbeatDueAsync(Interval, time, stopping);
                await BeatAsync(stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private async Task BeatAsync(CancellationToken stopping)
    {
        var rejected = loader.Rejected;
        var heartbeat = new Heartbeat(
            instance.Id, instance.Host, instance.Version, time.GetElapsedTime(_started).TotalSeconds,
            loader.AppliedRevision, rejected?.Revision, rejected?.Reason, instance.Deployment);
        try
        {
            await client.PostHeartbeatAsync(heartbeat, stopping);
            _failing = false;
            LogSent(instance.Id);
        }
        catch (ConfigurationUnavailableException unavailable)
        {
            if (!_failing)
            {
                _failing = true;
                LogFailed(unavailable.ToString());
            }
        }
    }

    [LoggerMessage(EventId = 2131, EventName = "HeartbeatSent", Level = LogLevel.Debug, Message = "Heartbeat of instance {Instance} sent.")]
    private partial void LogSent(string instance);

    [LoggerMessage(EventId = 2132, EventName = "HeartbeatNotSent", Level = LogLevel.Warning, Message = "{Reason}")]
    private partial void LogFailed(string reason);
}

/// <param name="Deployment"><c>runtime.deployment.*</c> as given.</param>
internal sealed record InstanceIdentity(string Id, string Host, string Version, IReadOnlyDictionary<string, string> Deployment);
