using System.Globalization;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>The 403 of an exhausted quota.</summary>
internal static class QuotaOutcome
{
    /// <param name="bandwidth">Kilobytes of 1024 bytes.</param>
    public static PolicyError? Check(Policy policy, (long Calls, long Bytes) used, long? calls, long? bandwidth, QuotaPeriod period)
    {
        var what = used.Calls >= calls ? "call volume" : used.Bytes >= bandwidth * 1024 ? "bandwidth" : null;
        if (what is null)
        {
            return null;
        }

        var forEver = period.End == DateTimeOffset.MaxValue;
        var left = TimeSpan.FromSeconds(Math.Ceiling((period.End - period.Now).TotalSeconds));
        var message = forEver
            ? $"Out of {what} quota."
            : string.Create(CultureInfo.InvariantCulture, $"Out of {what} quota. Quota will be replenished in {left:c}.");
        return new PolicyError
        {
            Source = policy.Name,
            Reason = "QuotaExceeded",
            Message = message,
            StatusCode = 403,
            PublicMessage = message,
            Headers = forEver ? [] : [new("Retry-After", ((long)left.TotalSeconds).ToString(CultureInfo.InvariantCulture))],
        };
    }

    public static PolicyError NoCounters(Policy policy) => new()
    {
        Source = policy.Name,
        Reason = "PolicyNotSupported",
        Message = $"This host has no counters for '{policy.Name}'.",
        StatusCode = 500,
    };
}
