using Microsoft.Extensions.Logging;

namespace Postern.Gateway.Loading;

/// <summary>Saves each applied configuration, at most every few seconds.</summary>
internal sealed partial class BackupLoop(ConfigurationBackup backup, StateLoader loader, ReportSignals signals, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await signals.SaveDueAsync(stopping);
                SaveNow();
                await Task.Delay(Rest, time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private void SaveNow()
    {
        if (!backup.Exists || loader.Entities is not { } entities)
        {
            return;
        }

        try
        {
            backup.Save(entities.ToSnapshot());
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogNotSaved(backup.Folder, failed.Message);
        }
    }

    [LoggerMessage(EventId = 2121, EventName = "BackupNotSaved", Level = LogLevel.Warning, Message = "G230: the configuration could not be saved under {Folder}: {Reason}")]
    private partial void LogNotSaved(string folder, string reason);
}
