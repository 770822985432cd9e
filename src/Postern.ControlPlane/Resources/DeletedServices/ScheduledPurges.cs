using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.Resources.DeletedServices;

/// <summary>Purges deleted services when their time has come, a few minutes more or less.</summary>
internal sealed class ScheduledPurges : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    public ScheduledPurges(SoftDelete deleted, TimeProvider time, ILogger<ScheduledPurges> logger) => _running = RunAsync(deleted, time, logger);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync(SoftDelete deleted, TimeProvider time, ILogger<ScheduledPurges> logger)
    {
        try
        {
            while (true)
            {
                await PurgeAsync(deleted, logger);
                await Task.Delay(Pause, time, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The control plane stops.
        }
    }

    private async Task PurgeAsync(SoftDelete deleted, ILogger<ScheduledPurges> logger)
    {
        try
        {
            foreach (var (id, problem) in await deleted.PurgeDueAsync(_stopping.Token))
            {
                ResourceLog.PurgePostponed(logger, id, problem);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The store is away; the next time is soon.
            ResourceLog.PurgesFailed(logger, error);
        }
    }
}
