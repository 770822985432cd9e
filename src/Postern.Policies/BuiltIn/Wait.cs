using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("wait", In.Everywhere, Summary = "Runs its children side by side and waits for all of them, or for the first.")]
internal sealed record WaitPolicy : Policy
{
    [XmlAttribute("for", Summary = "all, or any.")]
    public Value<WaitFor> For { get; init; } = WaitFor.All;

    [ChildPolicies("send-request", "cache-lookup-value", "choose", "include-fragment")]
    public IReadOnlyList<Policy> Policies { get; init; } = [];

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var branches = Policies.Select(policy => compile.Steps([policy])).ToArray();
        return async context =>
        {
            var all = For.Get(context) == WaitFor.All;
            var caller = context.Aborted;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(caller);
            context.Variables.Shared = true;
            context.Aborted = stop.Token;
            try
            {
                var running = branches.Select(branch => branch.RunAsync(context).AsTask()).ToList();
                var outcome = Flow.Continue;
                while (running.Count > 0)
                {
                    var done = await Task.WhenAny(running);
                    running.Remove(done);
                    var flow = await done;
                    if (flow.Kind != FlowKind.Continue || !all)
                    {
                        outcome = flow;
                        break;
                    }
                }

                // The others see the cancellation and end; nothing of this request runs on after it.
                await stop.CancelAsync();
                await Task.WhenAll(running);
                return outcome;
            }
            finally
            {
                context.Aborted = caller;
                context.Variables.Shared = false;
            }
        };
    }
}

internal enum WaitFor : byte
{
    All,
    Any,
}
