using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("retry", In.Everywhere, Summary = "Runs the policies inside, and again while a condition holds.")]
internal sealed record RetryPolicy : Policy, IBuffersItself
{
    [XmlAttribute("condition", Summary = "true: try again.")]
    public required Value<bool> Condition { get; init; }

    [XmlAttribute("count", Min = 1, Max = 50, Summary = "Retries at most.")]
    public required Value<int> Count { get; init; }

    [XmlAttribute("interval", Min = 0, Summary = "Seconds between tries.")]
    public required Value<int> Interval { get; init; }

    [XmlAttribute("max-interval", Min = 0, Summary = "With delta: the interval grows exponentially up to this.")]
    public Value<int>? MaxInterval { get; init; }

    [XmlAttribute("delta", Min = 0, Summary = "The interval grows by this, linearly without max-interval.")]
    public Value<int>? Delta { get; init; }

    [XmlAttribute("first-fast-retry", Summary = "The first retry comes at once.")]
    public Value<bool> FirstFastRetry { get; init; } = false;

    [ChildPolicies]
    public IReadOnlyList<Policy> Policies { get; init; } = [];

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var inside = compile.Steps(Policies);
        return async context =>
        {
            var count = await Count.GetAsync(context);
            var waits = new Waits(
                await Interval.GetAsync(context),
                MaxInterval is null ? null : await MaxInterval.GetAsync(context),
                Delta is null ? null : await Delta.GetAsync(context),
                await FirstFastRetry.GetAsync(context));
            for (var retry = 1; ; retry++)
            {
                var flow = await inside.RunAsync(context);
                if (flow.Kind is FlowKind.Respond or FlowKind.Resume || flow.Error is { IsFinal: true } || context.Aborted.IsCancellationRequested || !await WantsAnother(context, flow) || retry > count)
                {
                    return flow;
                }

                if (waits.Before(retry) is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait, context.Services.Time, context.Aborted);
                }
            }
        };
    }

    /// <summary>After a failure the condition may look at it; a condition that fails then keeps the failure.</summary>
    private async ValueTask<bool> WantsAnother(PolicyContext context, Flow flow)
    {
        if (flow.Kind != FlowKind.Fail)
        {
            return await Condition.GetAsync(context);
        }

        var outer = context.LastError;
        try
        {
            context.LastError = flow.Error;
            return await Condition.GetAsync(context);
        }
        catch (ExpressionFailedException)
        {
            return false;
        }
        finally
        {
            context.LastError = outer;
        }
    }

    /// <summary>Seconds.</summary>
    private readonly record struct Waits(int Interval, int? Max, int? Delta, bool FirstFast)
    {
        /// <param name="retry">From 1.</param>
        public TimeSpan Before(int retry)
        {
            if (retry == 1 && FirstFast)
            {
                return TimeSpan.Zero;
            }

            double seconds = (Delta, Max) switch
            {
                ({ } delta, { } max) => Math.Min(max, Interval + ((Math.Pow(2, retry - 1) - 1) * delta * (0.8 + (Random.Shared.NextDouble() * 0.4)))),
                ({ } delta, null) => Interval + ((retry - 1d) * delta),
                (null, { } max) => Math.Min(Interval, max),
                _ => Interval,
            };
            return TimerSpan.FromSeconds(seconds);
        }
    }
}
