using System.Diagnostics;

namespace Postern.Testing;

/// <summary>Waits for something that another process does and that sends no signal: asks again until it holds.</summary>
public static class Until
{
    /// <param name="probe">Null: not yet.</param>
    /// <exception cref="TimeoutException">It did not hold in time; the message says what was waited for.</exception>
    public static async Task<T> NotNullAsync<T>(string what, Func<Task<T?>> probe, int seconds = 30)
        where T : class
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            if (await probe() is { } found)
            {
                return found;
            }

            if (Stopwatch.GetElapsedTime(started).TotalSeconds > seconds)
            {
                throw new TimeoutException($"Not within {seconds} s: {what}.");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    public static Task TrueAsync(string what, Func<Task<bool>> probe, int seconds = 30) =>
        NotNullAsync(what, async () => await probe() ? what : null, seconds);
}
