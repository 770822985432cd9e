using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("limit-concurrency", In.Everywhere, Summary = "Lets so many requests at a time into the policies inside; others are refused at once.")]
internal sealed record LimitConcurrencyPolicy : Policy
{
    [XmlAttribute("key", Summary = "Requests of the same key share the places.")]
    public required Value<string> Key { get; init; }

    [XmlAttribute("max-count", Min = 1, Summary = "Places.")]
    public required int MaxCount { get; init; }

    [ChildPolicies]
    public IReadOnlyList<Policy> Policies { get; init; } = [];

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var inside = compile.Steps(Policies);
        return async context =>
        {
            if (context.Services.Resources?.Slots is not { } slots)
            {
                return Flow.Fail(QuotaOutcome.NoCounters(this));
            }

            var key = Key.Get(context);
            if (!slots.TryEnter(key, MaxCount))
            {
                return Flow.Fail(Error(429, "ConcurrencyLimitExceeded", "Too many requests"));
            }

            try
            {
                return await inside.RunAsync(context);
            }
            finally
            {
                slots.Leave(key);
            }
        };
    }
}
