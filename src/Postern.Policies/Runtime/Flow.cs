namespace Postern.Policies.Runtime;

/// <summary>What a policy step says about going on: a value, never an exception.</summary>
public readonly struct Flow
{
    private Flow(FlowKind kind, PolicyError? error)
    {
        Kind = kind;
        Error = error;
    }

    public FlowKind Kind { get; }

    /// <summary>Set when <see cref="Kind"/> is <see cref="FlowKind.Fail"/>.</summary>
    public PolicyError? Error { get; }

    /// <summary>Go on with the next step.</summary>
    public static Flow Continue => default;

    /// <summary>The response is complete: skip all that is left of the request's policies and send it.</summary>
    public static Flow Respond { get; } = new(FlowKind.Respond, null);

    /// <summary>The response is one that was kept: go on in outbound after the cache-store that kept it.</summary>
    public static Flow Resume { get; } = new(FlowKind.Resume, null);

    /// <summary>Stop and run on-error.</summary>
    public static Flow Fail(PolicyError error) => new(FlowKind.Fail, error);
}

public enum FlowKind : byte
{
    Continue,
    Respond,
    Fail,
    Resume,
}

/// <summary>A compiled policy: runs on one request.</summary>
public delegate ValueTask<Flow> PolicyStep(PolicyContext context);
