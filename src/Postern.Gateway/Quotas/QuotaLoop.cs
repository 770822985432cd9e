using Microsoft.Extensions.Logging;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Quotas;

/// <summary>Keeps quota counters over restarts: read at the start, saved every few seconds when something was counted, and at the end.</summary>
internal sealed partial class QuotaLoop(QuotaFile file, QuotaCounters counters, TimeProvider time, ILogger logger)
{
    /// <summary>What a process that is killed may lose.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private long _saved;

    /// <summary>To be called before the gateway listens.</summary>
    public void Restore()
    {
        try
        {
            if (file.Exists)
            {
                counters.Restore(file.Load());
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            LogNotRead(file.Folder, failed.Message);
        }
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Rest, time, stopping);
                SaveNow();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops; nothing is counted any more.
            SaveNow();
        }
    }

    private void SaveNow()
    {
        var changes = counters.Changes;
        if (changes == _saved || !file.Exists)
        {
            return;
        }

        try
        {
            var now = time.GetUtcNow();
            file.Save(counters.Read(now), now);
            _saved = changes;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogNotSaved(file.Folder, failed.Message);
        }
    }

    [LoggerMessage(EventId = 2460, EventName = "QuotasNotSaved", Level = LogLevel.Warning, Message = "G232: quota counters could not be saved under {Folder}: {Reason}")]
    private partial void LogNotSaved(string folder, string reason);

    [LoggerMessage(EventId = 2461, EventName = "QuotasNotRead", Level = LogLevel.Warning, Message = "G233: quota counters under {Folder} could not be read and begin anew: {Reason}")]
    private partial void LogNotRead(string folder, string reason);
}
