using System.Globalization;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>What a rate limit says after it counted: headers and variables, and the 429.</summary>
internal sealed class RateOutcome(
    Policy policy, string retryAfterHeader, string? retryAfterVariable, string? remainingHeader, string? remainingVariable, string? totalHeader)
{
    public static void CheckHeaders(PolicyRules rules, params ReadOnlySpan<string?> names)
    {
        foreach (var name in names)
        {
            rules.Check(name is null || HeaderRules.IsName(name), $"'{name}' is not a header name.");
        }
    }

    public ValueTask<Flow> Apply(PolicyContext context, RateDecision decision, int total)
    {
        if (remainingHeader is not null)
        {
            context.Stamp(remainingHeader, decision.Remaining.ToString(CultureInfo.InvariantCulture));
        }

        if (remainingVariable is not null)
        {
            context.Variables.Set(remainingVariable, decision.Remaining);
        }

        if (totalHeader is not null)
        {
            context.Stamp(totalHeader, total.ToString(CultureInfo.InvariantCulture));
        }

        if (decision.Allowed)
        {
            return default;
        }

        if (retryAfterVariable is not null)
        {
            context.Variables.Set(retryAfterVariable, decision.RetryAfterSeconds);
        }

        return new(Flow.Fail(new PolicyError
        {
            Source = policy.Name,
            Reason = "RateLimitExceeded",
            Message = "Rate limit is exceeded",
            StatusCode = 429,
            PublicMessage = $"Rate limit is exceeded. Try again in {decision.RetryAfterSeconds} seconds.",
            Headers = [new(retryAfterHeader, decision.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture))],
        }));
    }
}
