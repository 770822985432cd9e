using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("quota", In.Inbound, Once = Once.PerDocument, Scopes = [PolicyScope.Product],
    Summary = "Limits calls and bytes of a subscription in fixed periods that begin with the subscription.")]
internal sealed record QuotaPolicy : Policy, ILight
{
    [XmlAttribute("calls", Min = 0, Summary = "Calls per period.")]
    public long? Calls { get; init; }

    [XmlAttribute("bandwidth", Min = 0, Summary = "Kilobytes per period, both ways.")]
    public long? Bandwidth { get; init; }

    [XmlAttribute("renewal-period", Min = 0, Summary = "Length of the period in seconds; 0 for one without end.")]
    public required int RenewalPeriod { get; init; }

    [XmlChild("api", Summary = "A quota of its own for one API of the product.")]
    public IReadOnlyList<ApiQuota> Apis { get; init; } = [];

    public override void Validate(PolicyRules rules) =>
        rules.Check(Calls is not null || Bandwidth is not null, "One of the attributes 'calls' and 'bandwidth' is needed.");

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var limits = new List<Limit> { new($"quota/{compile.DocumentName}", Calls, Bandwidth, RenewalPeriod, static _ => true) };
        foreach (var api in Apis)
        {
            bool IsApi(PolicyContext context) => context.Api is { } called && api.Matches(called.Id, called.Name);
            var prefix = $"quota/{compile.DocumentName}/apis/{api.Key}";
            limits.Add(new(prefix, api.Calls, api.Bandwidth, api.RenewalPeriod ?? RenewalPeriod, IsApi));
            limits.AddRange(api.Operations.Select(operation => new Limit(
                $"{prefix}/operations/{operation.Key}", operation.Calls, operation.Bandwidth, operation.RenewalPeriod ?? api.RenewalPeriod ?? RenewalPeriod,
                context => IsApi(context) && context.Operation is { } called && operation.Matches(called.Id, called.Name))));
        }

        return context => Run(context, limits);
    }

    private ValueTask<Flow> Run(PolicyContext context, List<Limit> limits)
    {
        if (context.Subscription is not { } subscription)
        {
            return default;
        }

        if (context.Services.Resources?.Quotas is not { } quotas)
        {
            return new(Flow.Fail(QuotaOutcome.NoCounters(this)));
        }

        var anchor = new DateTimeOffset(DateTime.SpecifyKind(subscription.StartDate ?? subscription.CreatedDate, DateTimeKind.Utc));
        var now = context.Services.Time.GetUtcNow();
        return Take(context, quotas, limits, 0, subscription, anchor, now) is { } error ? new(Flow.Fail(error)) : default;
    }

    /// <summary>Counts the call against this limit and those after it, or against none of them; nobody else counts meanwhile.</summary>
    private PolicyError? Take(
        PolicyContext context, QuotaCounters quotas, List<Limit> limits, int index, ISubscription subscription, DateTimeOffset anchor, DateTimeOffset now)
    {
        while (index < limits.Count && !limits[index].Applies(context))
        {
            index++;
        }

        if (index == limits.Count)
        {
            return null;
        }

        var limit = limits[index];
        var key = $"{limit.Prefix}/{subscription.Id}";
        var length = TimeSpan.FromSeconds(limit.Seconds);
        var period = QuotaPeriod.At(now, anchor, length);
        using var hold = quotas.Hold(key, period);
        if ((QuotaOutcome.Check(this, hold.Used, limit.Calls, limit.Bandwidth, period) ?? Take(context, quotas, limits, index + 1, subscription, anchor, now)) is { } error)
        {
            return error;
        }

        hold.Add(1, 0);
        if (limit.Bandwidth is not null)
        {
            CountTransfer(context, quotas, key, anchor, length);
        }

        return null;
    }

    /// <summary>Apart, so that only quotas of bandwidth pay for what it remembers.</summary>
    private static void CountTransfer(PolicyContext context, QuotaCounters quotas, string key, DateTimeOffset anchor, TimeSpan length)
    {
        var time = context.Services.Time;
        context.WatchTransfer(bytes => quotas.Add(key, QuotaPeriod.At(time.GetUtcNow(), anchor, length), 0, bytes));
    }

    private sealed record Limit(string Prefix, long? Calls, long? Bandwidth, int Seconds, Func<PolicyContext, bool> Applies);

    internal sealed record ApiQuota : NamedQuota
    {
        [XmlChild("operation", Summary = "A quota of its own for one operation.")]
        public IReadOnlyList<OperationQuota> Operations { get; init; } = [];
    }

    internal sealed record OperationQuota : NamedQuota;

    internal abstract record NamedQuota : PolicyPart
    {
        [XmlAttribute("name", Summary = "Display name.")]
        public string? DisplayName { get; init; }

        [XmlAttribute("id", Summary = "Resource name; wins over name.")]
        public string? ResourceName { get; init; }

        [XmlAttribute("calls", Min = 0)]
        public long? Calls { get; init; }

        [XmlAttribute("bandwidth", Min = 0)]
        public long? Bandwidth { get; init; }

        [XmlAttribute("renewal-period", Min = 0, Summary = "The outer period when it is left out.")]
        public int? RenewalPeriod { get; init; }

        public string Key => ResourceName ?? DisplayName ?? "";

        public override void Validate(PolicyRules rules)
        {
            rules.Check(Key.Length > 0, "One of the attributes 'name' and 'id' is needed.");
            rules.Check(Calls is not null || Bandwidth is not null, "One of the attributes 'calls' and 'bandwidth' is needed.");
        }

        public bool Matches(string id, string name) => ResourceName is not null
            ? ResourceName.Equals(id, StringComparison.OrdinalIgnoreCase)
            : DisplayName!.Equals(name, StringComparison.OrdinalIgnoreCase) || DisplayName.Equals(id, StringComparison.OrdinalIgnoreCase);
    }
}
