using Microsoft.Extensions.Logging;

namespace Postern.Commands;

/// <summary>Runs one role until the process is told to stop.</summary>
internal static class RoleCommand
{
    /// <returns>0 after a clean stop, 1 when the role could not start: the reason is on standard error, without a stack.</returns>
    public static async Task<int> RunAsync(string role, Func<Task<(IAsyncDisposable Role, ILoggerFactory Logging)>> start, CancellationToken cancellation)
    {
        try
        {
            var (running, logging) = await start();
            using (logging)
            {
                await using (running)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
                }
            }

            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception failure) when (StartFailure.IsExpected(failure))
        {
            await Console.Error.WriteLineAsync($"postern {role}: {failure.Message}");
            return 1;
        }
    }
}
