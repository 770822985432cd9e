using Postern.Policies.BuiltIn;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies;

/// <summary>What a policy may know while it is compiled.</summary>
internal sealed class PolicyCompile(PolicySource source, Section section)
{
    /// <summary>Number of cache-store policies compiled so far.</summary>
    private int _stores;

    /// <summary>Unique per document: the base of counter keys.</summary>
    public string DocumentName => source.Name;

    public PolicyScope Scope => source.Scope;

    public Section Section => section;

    /// <summary>In inbound and backend policies work on the request, else on the response.</summary>
    public bool OnRequest => section is Section.Inbound or Section.Backend;

    /// <summary>The message that a policy of this section works on.</summary>
    public PolicyMessage Message(PolicyContext context) => OnRequest ? context.Request : context.Response;

    public StepList Steps(IReadOnlyList<Policy> policies) => new([.. policies.Select(Step)]);

    public PlacedStep Step(Policy policy)
    {
        var stores = _stores;
        var step = policy.Compile(this);
        _stores += policy is CacheStorePolicy ? 1 : 0;
        if (HeavyWork.Is(policy))
        {
            step = HeavyWork.Before(step);
        }

        var needs = BodyUse.None;
        foreach (var expression in policy.Expressions)
        {
            needs |= expression.Needs;
        }

        if (needs != BodyUse.None && policy is not IBuffersItself)
        {
            step = BodyBuffering.Before(step, needs);
        }

        return new PlacedStep(step, policy.Name, policy.Path, policy.Id, section.ToName(), source.Scope.ScopeName())
        {
            Cors = (policy as CorsPolicy)?.Rules,
            HoldsCacheStore = _stores > stores,
        };
    }

    /// <summary>A policy that only edits a message, run on the message of its own section.</summary>
    public PolicyStep OnOwnMessage(MessageEdit edit) =>
        OnRequest ? context => edit(context, context.Request) : context => edit(context, context.Response);
}

/// <summary>Marks a policy that awaits bodies where it needs them, because its children change them.</summary>
internal interface IBuffersItself;

/// <summary>A step and what <c>LastError</c> says about it.</summary>
internal sealed record PlacedStep(PolicyStep Run, string Source, string Path, string? PolicyId, string Section, string Scope)
{
    /// <summary>Set when the step is a cors policy: preflight requests ask it without running anything.</summary>
    public CorsRules? Cors { get; init; }

    /// <summary>The step is a cache-store, or one is inside it.</summary>
    public bool HoldsCacheStore { get; init; }
}
