using System.Diagnostics;

namespace Postern.Gateway.Tests.Parts;

/// <summary>Asks again until something holds; for what happens elsewhere and tells nobody.</summary>
internal static class Until
{
    public static async Task TrueAsync(Func<Task<bool>> holds, int seconds = 20)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
            {
                throw new TimeoutException($"It did not become true within {seconds} seconds.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(Func<bool> holds, int seconds = 20) => TrueAsync(() => Task.FromResult(holds()), seconds);
}
