using System.Net;
using Microsoft.Extensions.Logging;
using Postern.Gateway.State;
using Postern.Gateway.Telemetry;

namespace Postern.Gateway.Loading;

/// <summary>
/// Keeps the gateway's configuration up to date: first a snapshot, then changes by long poll. When the endpoint is away it asks again every
/// ten seconds, as the product polls, and what runs goes on running.
/// </summary>
internal sealed partial class ConfigurationLoop(
    ConfigurationClient client, StateLoader loader, ConfigurationBackup backup, CurrentState current, ReportSignals signals, GatewayEvents events,
    TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _unavailable;
    private DateTimeOffset _unavailableSince;
    private bool _needsSnapshot = true;

    /// <summary>Done when the gateway has its first configuration.</summary>
    public Task Ready => _ready.Task;

    public async Task RunAsync(CancellationToken stopping)
    {
        LogStarted();
        if (!backup.Exists)
        {
            LogNoBackupFolder(backup.Folder);
        }

        while (!stopping.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            try
            {
                var changed = await RoundAsync(stopping);
                Available();

                // A server that answers "nothing" at once does not know long polls: keep to the product's poll interval.
                if (!changed && time.GetElapsedTime(began) < PollInterval)
                {
                    await Task.Delay(PollInterval - time.GetElapsedTime(began), time, stopping);
                }
            }
            catch (ConfigurationUnavailableException unavailable)
            {
                Unavailable(unavailable);
                UseBackup();
                await PauseAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <returns>True when the next round may begin at once.</returns>
    private async Task<bool> RoundAsync(CancellationToken stopping)
    {
        if (_needsSnapshot)
        {
            var snapshot = await client.GetSnapshotAsync(stopping);
            var applied = loader.Apply(snapshot);
            _needsSnapshot = loader.Entities?.Revision != snapshot.Revision;
            Settled(applied);
            return !_needsSnapshot;
        }

        try
        {
            var change = await client.GetChangesAsync(loader.Entities!.Revision, LongPoll, stopping);
            if (change is null)
            {
                return false;
            }

            var applied = loader.Apply(change);
            _needsSnapshot = loader.Entities.Revision != change.Revision;
            Settled(applied);
            return applied;
        }
        catch (ConfigurationUnavailableException gone) when (gone.Status == HttpStatusCode.Gone)
        {
            _needsSnapshot = true;
            return true;
        }
    }

    private void Settled(bool applied)
    {
        if (applied)
        {
            signals.Save();
            if (_ready.TrySetResult())
            {
                LogFirstSync();
            }
        }
        else if (current.State is null)
        {
            current.Explain(loader.Rejected?.Reason ?? "The configuration could not be applied.");
        }

        signals.Heartbeat();
    }

    private void Available()
    {
        if (_unavailable is not null)
        {
            _unavailable = null;
            LogAvailable();
            events.ControlPlaneReachable(_unavailableSince);
        }
    }

    /// <summary>Told once per reason, not on each attempt.</summary>
    private void Unavailable(ConfigurationUnavailableException unavailable)
    {
        var reason = unavailable.ToString();
        if (_unavailable != reason)
        {
            if (_unavailable is null)
            {
                _unavailableSince = time.GetUtcNow();
                events.ControlPlaneUnreachable(reason);
            }

            _unavailable = reason;
            LogUnavailable(reason, current.State is null ? "It has no configuration and is not ready." : "It keeps serving with the configuration that it has.");
        }

        if (current.State is null)
        {
            current.Explain($"The gateway has no configuration: {unavailable.Diagnostic} {unavailable.Code}.");
        }
    }

    private void UseBackup()
    {
        if (current.State is not null || !backup.Exists)
        {
            return;
        }

        try
        {
            if (backup.Load() is { } snapshot && loader.Apply(snapshot))
            {
                _needsSnapshot = true;
                _ready.TrySetResult();
                LogRestored(backup.Folder);
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            LogBackupUnusable(broken.Message);
        }
    }

    private async Task PauseAsync(CancellationToken stopping)
    {
        try
        {
            // Up to a second more, so that instances that lost the endpoint together do not return together.
            await Task.Delay(PollInterval + TimeSpan.FromMilliseconds(Random.Shared.Next(1000)), time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop ends by its condition.
        }
    }

    [LoggerMessage(EventId = 2111, EventName = "ConfigInitialSyncStarted", Level = LogLevel.Information, Message = "Asking the configuration endpoint for the gateway's configuration.")]
    private partial void LogStarted();

    [LoggerMessage(EventId = 2112, EventName = "ConfigInitialSyncCompleted", Level = LogLevel.Information, Message = "The gateway has its first configuration and is ready.")]
    private partial void LogFirstSync();

    [LoggerMessage(EventId = 2113, EventName = "ConfigurationApiV2NotAvailable", Level = LogLevel.Warning, Message = "{Reason} {Effect}")]
    private partial void LogUnavailable(string reason, string effect);

    [LoggerMessage(EventId = 2114, EventName = "ConfigurationApiV2Available", Level = LogLevel.Information, Message = "The configuration endpoint is available again.")]
    private partial void LogAvailable();

    [LoggerMessage(EventId = 2115, EventName = "LoadBackupLocationNotFound", Level = LogLevel.Debug, Message = "{Folder}")]
    private partial void LogNoBackupFolder(string folder);

    [LoggerMessage(EventId = 2116, EventName = "EventSnapshotRestored", Level = LogLevel.Warning, Message = "The control plane is away: the gateway runs with the configuration saved under {Folder}.")]
    private partial void LogRestored(string folder);

    [LoggerMessage(EventId = 2117, EventName = "BackupUnusable", Level = LogLevel.Error, Message = "G231: {Reason}")]
    private partial void LogBackupUnusable(string reason);
}
