using Postern.Snapshots;

namespace Postern.Gateway.Backends;

/// <summary>One rule of a circuit breaker with its own count of calls.</summary>
internal sealed class CircuitRule
{
    /// <summary>Calls in the window below which a percentage says nothing.</summary>
    public const int FewestCalls = 5;

    /// <summary>What callers get for a call that had no answer; a range that holds it counts such calls.</summary>
    private const int NoAnswerStatus = 500;

    private readonly FailureWindow _window;
    private readonly StatusRangeSnapshot[] _statuses;

    /// <param name="frequency">Of the timestamps, per second.</param>
    public CircuitRule(CircuitRuleSnapshot snapshot, long frequency)
    {
        Snapshot = snapshot;
        _window = new((long)(snapshot.Interval.TotalSeconds * frequency));

        // A rule that names nothing means what its examples mean: the server's errors.
        _statuses = snapshot.Statuses.Count > 0 || snapshot.Reasons.Any(IsKnown) ? [.. snapshot.Statuses] : [new(500, 599)];
    }

    public CircuitRuleSnapshot Snapshot { get; }

    /// <summary>Successes matter only to a percentage.</summary>
    public bool CountsSuccesses => Snapshot.Percentage is not null;

    public bool IsFailure(int status)
    {
        foreach (var range in _statuses)
        {
            if (status >= range.Min && status <= range.Max)
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="reason">Why a call got no whole answer: <c>Timeout</c> or <c>BackendConnectionFailure</c>.</param>
    public bool IsFailure(string reason) =>
        IsFailure(NoAnswerStatus) || Snapshot.Reasons.Contains(reason, StringComparer.OrdinalIgnoreCase);

    /// <summary>Counts one call.</summary>
    /// <returns>True when the circuit must open.</returns>
    public bool Count(bool failed, long now)
    {
        _window.Add(now, failed);
        if (!failed)
        {
            return false;
        }

        var (calls, failures) = _window.Sum(now);
        return failures >= Snapshot.Count
            || (Snapshot.Percentage is { } percentage && calls >= FewestCalls && failures * 100d >= percentage * calls);
    }

    public void Forget() => _window.Clear();

    private static bool IsKnown(string reason) =>
        reason.Equals("Timeout", StringComparison.OrdinalIgnoreCase) || reason.Equals("BackendConnectionFailure", StringComparison.OrdinalIgnoreCase);
}
