using Postern.Policies;

namespace Postern.Bench.Subjects;

/// <summary>One call counted in a full sliding window.</summary>
internal sealed class RateLimitCount : Subject
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private readonly RateCounters _counters = new();
    private DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public override string Name => "rate-limit: count a call";

    public override void Run()
    {
        _now += TimeSpan.FromMilliseconds(1);
        _counters.TryTake("orders/bench", 100_000, Window, _now);
    }
}
