using System.Collections.Concurrent;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("rate-limit", In.Inbound, Once = Once.PerDocument,
    Scopes = [PolicyScope.Product, PolicyScope.Api, PolicyScope.Operation],
    Summary = "Limits the calls of a subscription in a sliding window; more are answered with 429.")]
internal sealed record RateLimitPolicy : Policy, ILight
{
    [XmlAttribute("calls", Min = 0, Summary = "Calls allowed in the window.")]
    public required int Calls { get; init; }

    [XmlAttribute("renewal-period", Min = 1, Max = 300, Summary = "Length of the window in seconds.")]
    public required int RenewalPeriod { get; init; }

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

    [XmlChild("api", Summary = "A limit of its own for one API of the product.")]
    public IReadOnlyList<ApiLimit> Apis { get; init; } = [];

    public override void Validate(PolicyRules rules) => RateOutcome.CheckHeaders(rules, RetryAfterHeader, RemainingHeader, TotalHeader);

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var own = new SubscriptionCounter($"rate-limit/{compile.DocumentName}", Calls, RenewalPeriod);
        var inner = Apis.SelectMany(api => api.Counters(own.Prefix)).ToArray();
        var outcome = new RateOutcome(this, RetryAfterHeader, RetryAfterVariable, RemainingHeader, RemainingVariable, TotalHeader);
        return context =>
        {
            if (context.Subscription is not { } subscription)
            {
                return default;
            }

            var now = context.Services.Time.GetUtcNow();
            if (inner.Length == 0)
            {
                return outcome.Apply(context, own.TryTake(context, subscription, now), Calls);
            }

            // A call that one of the limits refuses must not use up the others.
            var applying = Applying(context, own, inner);
            foreach (var counter in applying)
            {
                if (counter.Look(context, subscription, now) is { Allowed: false } full)
                {
                    return outcome.Apply(context, full, counter.Calls);
                }
            }

            return Take(context, subscription, now, applying, outcome);
        };
    }

    /// <summary>Apart, so that a limit without others inside pays for none of it.</summary>
    private static List<SubscriptionCounter> Applying(
        PolicyContext context, SubscriptionCounter own, (Func<PolicyContext, bool> Applies, SubscriptionCounter Counter)[] inner) =>
        [own, .. inner.Where(limit => limit.Applies(context)).Select(limit => limit.Counter)];

    private static ValueTask<Flow> Take(
        PolicyContext context, ISubscription subscription, DateTimeOffset now, List<SubscriptionCounter> counters, RateOutcome outcome)
    {
        var (least, total) = (default(RateDecision), 0);
        foreach (var (i, counter) in counters.Index())
        {
            var decision = counter.TryTake(context, subscription, now);
            if (i == 0 || !decision.Allowed || decision.Remaining < least.Remaining)
            {
                (least, total) = (decision, counter.Calls);
            }

            if (!decision.Allowed)
            {
                break;
            }
        }

        return outcome.Apply(context, least, total);
    }

    internal sealed record ApiLimit : NamedLimit
    {
        [XmlChild("operation", Summary = "A limit of its own for one operation.")]
        public IReadOnlyList<OperationLimit> Operations { get; init; } = [];

        public IEnumerable<(Func<PolicyContext, bool> Applies, SubscriptionCounter Counter)> Counters(string prefix)
        {
            bool IsApi(PolicyContext context) => context.Api is { } api && Matches(api.Id, api.Name);
            yield return (IsApi, new($"{prefix}/apis/{Key}", Calls, RenewalPeriod));
            foreach (var operation in Operations)
            {
                yield return (
                    context => IsApi(context) && context.Operation is { } called && operation.Matches(called.Id, called.Name),
                    new($"{prefix}/apis/{Key}/operations/{operation.Key}", operation.Calls, operation.RenewalPeriod));
            }
        }
    }

    internal sealed record OperationLimit : NamedLimit;

    internal abstract record NamedLimit : PolicyPart
    {
        [XmlAttribute("name", Summary = "Display name.")]
        public string? DisplayName { get; init; }

        [XmlAttribute("id", Summary = "Resource name; wins over name.")]
        public string? ResourceName { get; init; }

        [XmlAttribute("calls", Min = 0)]
        public required int Calls { get; init; }

        [XmlAttribute("renewal-period", Min = 1, Max = 300)]
        public required int RenewalPeriod { get; init; }

        public string Key => ResourceName ?? DisplayName ?? "";

        public override void Validate(PolicyRules rules) => rules.Check(Key.Length > 0, "One of the attributes 'name' and 'id' is needed.");

        public bool Matches(string id, string name) => ResourceName is not null
            ? ResourceName.Equals(id, StringComparison.OrdinalIgnoreCase)
            : DisplayName!.Equals(name, StringComparison.OrdinalIgnoreCase) || DisplayName.Equals(id, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A counter per subscription; its keys are made once per subscription, so counting allocates nothing.</summary>
    internal sealed class SubscriptionCounter(string prefix, int calls, int seconds)
    {
        private readonly ConcurrentDictionary<string, string> _keys = new(StringComparer.Ordinal);
        private readonly TimeSpan _period = TimeSpan.FromSeconds(seconds);

        public string Prefix => prefix;

        public int Calls => calls;

        public RateDecision TryTake(PolicyContext context, ISubscription subscription, DateTimeOffset now) =>
            context.Services.RateCounters.TryTake(Key(subscription), calls, _period, now);

        public RateDecision Look(PolicyContext context, ISubscription subscription, DateTimeOffset now) =>
            context.Services.RateCounters.Look(Key(subscription), calls, _period, now);

        private string Key(ISubscription subscription) =>
            _keys.TryGetValue(subscription.Id, out var key) ? key : _keys.GetOrAdd(subscription.Id, static (id, prefix) => $"{prefix}/{id}", prefix);
    }
}
