using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("rate-limit-by-key", In.Inbound, Summary = "Limits calls in a sliding window by a key of your own; one counter per key for the whole gateway.")]
internal sealed record RateLimitByKeyPolicy : Policy, ILight
{
    [XmlAttribute("calls", Min = 0, Summary = "Calls allowed in the window.")]
    public required Value<int> Calls { get; init; }

    [XmlAttribute("renewal-period", Min = 1, Max = 300, Summary = "Length of the window in seconds.")]
    public required Value<int> RenewalPeriod { get; init; }

    [XmlAttribute("counter-key", Summary = "The key.")]
    public required Value<string> CounterKey { get; init; }

    [XmlAttribute("increment-condition", Summary = "Whether the call counts; an expression is evaluated when the response is there.")]
    public Value<bool> IncrementCondition { get; init; } = true;

    [XmlAttribute("increment-count", Min = 0, Summary = "How much the call counts; an expression is evaluated when the response is there.")]
    public Value<int> IncrementCount { get; init; } = 1;

    [XmlAttribute("increment-after-response", Summary = "Count when the response is there, also with constants.")]
    public bool IncrementAfterResponse { get; init; }

    [XmlAttribute("flexible-retry-window", Summary = "Accepted; has no effect.")]
    public Value<bool>? FlexibleRetryWindow { get; init; }

    [XmlAttribute("retry-after-header-name", Summary = "Header with the seconds to wait.")]
    public string RetryAfterHeader { get; init; } = "Retry-After";

    [XmlAttribute("retry-after-variable-name", Summary = "Variable with the seconds to wait.")]
    public string? RetryAfterVariable { get; init; }

    [XmlAttribute("remaining-calls-header-name", Summary = "Response header with the calls left.")]
    public string? RemainingHeader { get; init; }

    [XmlAttribute("remaining-calls-variable-name", Summary = "Variable with the calls left.")]
    public string? RemainingVariable { get; init; }

    [XmlAttribute("total-calls-header-name", Summary = "Response header with the calls allowed.")]
    public string? TotalHeader { get; init; }

    public override void Validate(PolicyRules rules) => RateOutcome.CheckHeaders(rules, RetryAfterHeader, RemainingHeader, TotalHeader);

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var outcome = new RateOutcome(this, RetryAfterHeader, RetryAfterVariable, RemainingHeader, RemainingVariable, TotalHeader);
        var late = IncrementAfterResponse || !IncrementCondition.IsConstant || !IncrementCount.IsConstant;
        return context =>
        {
            var key = $"rate-limit-by-key/{CounterKey.Get(context)}";
            var calls = Calls.Get(context);
            var period = TimeSpan.FromSeconds(RenewalPeriod.Get(context));
            var counters = context.Services.RateCounters;
            var now = context.Services.Time.GetUtcNow();
            RateDecision decision;
            if (late)
            {
                decision = counters.Look(key, calls, period, now);
                if (decision.Allowed)
                {
                    context.RunAtEnd(context => CountAsync(context, key, calls, period));
                }
            }
            else
            {
                decision = IncrementCondition.Constant ? counters.TryTake(key, calls, period, now, IncrementCount.Constant) : counters.Look(key, calls, period, now);
            }

            return outcome.Apply(context, decision, calls);
        };
    }

    private async ValueTask<Flow> CountAsync(PolicyContext context, string key, int calls, TimeSpan period)
    {
        if (await IncrementCondition.GetAsync(context))
        {
            var count = await IncrementCount.GetAsync(context);
            context.Services.RateCounters.Add(key, calls, period, context.Services.Time.GetUtcNow(), count);
        }

        return Flow.Continue;
    }
}
