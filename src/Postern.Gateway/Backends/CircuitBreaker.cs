using Microsoft.Extensions.Primitives;
using Postern.Snapshots;

namespace Postern.Gateway.Backends;

/// <summary>
/// Leaves a failing backend alone for a while. Closed, it costs one read before a call and, for a call that went well, nothing after it
/// unless a rule asks for a percentage. When its time is over it closes fully: the product knows no half-open state.
/// </summary>
internal sealed class CircuitBreaker
{
    private readonly string _backendId;
    private readonly CircuitRule[] _rules;
    private readonly CircuitSignals _signals;
    private readonly bool _countsSuccesses;
    private Trip? _trip;

    public CircuitBreaker(string backendId, IReadOnlyList<CircuitRuleSnapshot> rules, CircuitSignals signals)
    {
        _backendId = backendId;
        _signals = signals;
        _rules = [.. rules.Select(rule => new CircuitRule(rule, signals.Time.TimestampFrequency))];
        _countsSuccesses = _rules.Any(rule => rule.CountsSuccesses);
    }

    public bool IsOpen => Volatile.Read(ref _trip) is { } trip && Holds(trip);

    /// <summary>What callers are told while it is open: the status, and whole seconds until it closes, at least 1.</summary>
    public (int? Status, int Seconds) Refusal => Volatile.Read(ref _trip) is { } trip
        ? (trip.Rule.FailureStatus, Math.Max(1, (int)Math.Min(int.MaxValue, Math.Ceiling(_signals.Time.GetElapsedTime(_signals.Time.GetTimestamp(), trip.Until).TotalSeconds))))
        : (null, 1);

    /// <summary>Counts a call that was answered.</summary>
    public void Answered(int status, StringValues retryAfter)
    {
        foreach (var rule in _rules)
        {
            var failed = rule.IsFailure(status);
            if ((failed || rule.CountsSuccesses) && Volatile.Read(ref _trip) is null && rule.Count(failed, _signals.Time.GetTimestamp()))
            {
                Open(rule, (rule.Snapshot.AcceptRetryAfter ? RetryAfter.Parse(retryAfter, _signals.Time) : null) ?? rule.Snapshot.TripDuration);
            }
        }
    }

    /// <summary>Counts a call that got no answer, or half of one.</summary>
    /// <param name="reason"><c>Timeout</c> or <c>BackendConnectionFailure</c>.</param>
    public void Failed(string reason)
    {
        foreach (var rule in _rules)
        {
            var failed = rule.IsFailure(reason);
            if ((failed || rule.CountsSuccesses) && Volatile.Read(ref _trip) is null && rule.Count(failed, _signals.Time.GetTimestamp()))
            {
                Open(rule, rule.Snapshot.TripDuration);
            }
        }
    }

    private bool Holds(Trip trip)
    {
        if (_signals.Time.GetTimestamp() < trip.Until)
        {
            return true;
        }

        Close(trip);
        return false;
    }

    private void Open(CircuitRule rule, TimeSpan duration)
    {
        var trip = new Trip(rule.Snapshot, duration, _signals.Time.GetTimestamp() + (long)(duration.TotalSeconds * _signals.Time.TimestampFrequency));
        if (Interlocked.CompareExchange(ref _trip, trip, null) is not null)
        {
            return;
        }

        _signals.Opened(_backendId, rule.Snapshot.Name, duration);

        // Without calls nobody would notice that the time is over, and whoever watches would believe the circuit open.
        trip.CloseAfter(_signals.Time, () => Close(trip));
    }

    private void Close(Trip trip)
    {
        if (Volatile.Read(ref _trip) != trip)
        {
            return;
        }

        // Nothing is counted while it is open, so what was counted before can be forgotten before anybody counts again.
        foreach (var rule in _rules)
        {
            rule.Forget();
        }

        if (Interlocked.CompareExchange(ref _trip, null, trip) == trip)
        {
            trip.Dispose();
            _signals.Closed(_backendId, trip.Rule.Name, trip.Duration);
        }
    }

    /// <summary>One time of being open.</summary>
    private sealed class Trip(CircuitRuleSnapshot rule, TimeSpan duration, long until) : IDisposable
    {
        /// <summary>Timers take no longer times; the next call after it closes the circuit then.</summary>
        private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

        private ITimer? _timer;

        public CircuitRuleSnapshot Rule => rule;

        public TimeSpan Duration => duration;

        /// <summary>Timestamp.</summary>
        public long Until => until;

        public void CloseAfter(TimeProvider time, Action close)
        {
            if (duration > LongestTimer)
            {
                return;
            }

            using (ExecutionContext.SuppressFlow())
            {
                _timer = time.CreateTimer(static close => ((Action)close!)(), close, duration, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose() => _timer?.Dispose();
    }
}
