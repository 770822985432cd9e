using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("quota-by-key", In.Inbound, Summary = "Limits calls and bytes in fixed periods by a key of your own.")]
internal sealed record QuotaByKeyPolicy : Policy, ILight
{
    [XmlAttribute("calls", Min = 0, Summary = "Calls per period.")]
    public long? Calls { get; init; }

    [XmlAttribute("bandwidth", Min = 0, Summary = "Kilobytes per period, both ways.")]
    public long? Bandwidth { get; init; }

    [XmlAttribute("renewal-period", Summary = "Length of the period in seconds, or as an ISO 8601 duration; at least 300 seconds; 0 for one without end.")]
    public required TimeSpan RenewalPeriod { get; init; }

    [XmlAttribute("counter-key", Summary = "The key.")]
    public required Value<string> CounterKey { get; init; }

    [XmlAttribute("increment-condition", Summary = "Whether the call counts; an expression is evaluated when the response is there.")]
    public Value<bool> IncrementCondition { get; init; } = true;

    [XmlAttribute("increment-count", Min = 0, Summary = "How much the call counts; an expression is evaluated when the response is there.")]
    public Value<int> IncrementCount { get; init; } = 1;

    [XmlAttribute("first-period-start", Summary = "Where periods begin to be counted.")]
    public DateTimeOffset FirstPeriodStart { get; init; } = DateTimeOffset.MinValue;

    public override void Validate(PolicyRules rules)
    {
        rules.Check(Calls is not null || Bandwidth is not null, "One of the attributes 'calls' and 'bandwidth' is needed.");
        rules.Check(RenewalPeriod == TimeSpan.Zero || RenewalPeriod >= TimeSpan.FromSeconds(300), "Attribute 'renewal-period' must be 0 or at least 300.");
    }

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var length = RenewalPeriod;
        var late = !IncrementCondition.IsConstant || !IncrementCount.IsConstant;
        return context =>
        {
            if (context.Services.Resources?.Quotas is not { } quotas)
            {
                return new(Flow.Fail(QuotaOutcome.NoCounters(this)));
            }

            var key = $"quota-by-key/{CounterKey.Get(context)}";
            var period = QuotaPeriod.At(context.Services.Time.GetUtcNow(), FirstPeriodStart, length);
            context.HasCounted = true;
            var isFirst = !context.Counted.TryGetValue(key, out var counted);
            using var hold = quotas.Hold(key, period);
            var used = hold.Used;
            if (QuotaOutcome.Check(this, used with { Calls = used.Calls - counted }, Calls, Bandwidth, period) is { } error)
            {
                return new(Flow.Fail(error));
            }

            if (!isFirst)
            {
                // Several quotas of one request with the same key count it once.
                return default;
            }

            context.Counted[key] = late || !IncrementCondition.Constant ? 0 : IncrementCount.Constant;
            if (Bandwidth is not null)
            {
                context.WatchTransfer(bytes => quotas.Add(key, period, 0, bytes));
            }

            if (late)
            {
                context.RunAtEnd(context => CountAsync(context, quotas, key, period));
            }
            else if (IncrementCondition.Constant)
            {
                hold.Add(IncrementCount.Constant, 0);
            }

            return default;
        };
    }

    private async ValueTask<Flow> CountAsync(PolicyContext context, QuotaCounters quotas, string key, QuotaPeriod period)
    {
        if (await IncrementCondition.GetAsync(context))
        {
            quotas.Add(key, period, await IncrementCount.GetAsync(context), 0);
        }

        return Flow.Continue;
    }
}
