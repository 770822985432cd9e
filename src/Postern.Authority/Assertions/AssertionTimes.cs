using Postern.Authority.Tokens;

namespace Postern.Authority.Assertions;

/// <summary><c>exp</c> and <c>nbf</c> of an assertion, with the five minutes' leeway for clocks that Entra gives.</summary>
internal static class AssertionTimes
{
    public static readonly TimeSpan Leeway = TimeSpan.FromMinutes(5);

    public static TokenRefusal? Refuse(CompactJws assertion, DateTimeOffset now)
    {
        var ends = CompactJws.Time(assertion.Payload, "exp");
        var begins = CompactJws.Time(assertion.Payload, "nbf");
        var beginsIsSound = begins is not null || !assertion.Payload.TryGetProperty("nbf", out _);
        return ends is not null && now < ends + Leeway && beginsIsSound && (begins is null || begins - Leeway <= now)
            ? null
            : AssertionRefusal.Time(now, begins, ends);
    }
}
