namespace Postern.Policies.Runtime;

/// <summary>Times that policies name, as timers take them: whoever writes a longer one than 24 days means for ever.</summary>
internal static class TimerSpan
{
    public static TimeSpan FromSeconds(double seconds) => FromMilliseconds(seconds * 1000);

    public static TimeSpan FromMilliseconds(double milliseconds) => TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue));
}
