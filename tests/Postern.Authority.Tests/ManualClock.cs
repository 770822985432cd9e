namespace Postern.Authority.Tests;

/// <summary>A clock that stands still until it is moved. It starts at the real time, because real clients look at tokens too.</summary>
public sealed class ManualClock : TimeProvider
{
    private DateTimeOffset _now = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
