using Postern.Policies;
using Postern.Policies.Runtime;

namespace Postern.Bench.Subjects;

/// <summary>A gateway around policies that forwards nothing, so that only they are measured.</summary>
internal sealed class BenchServices : IPolicyServices
{
    public Uri Backend { get; } = new("http://localhost/");

    public TimeProvider Time => TimeProvider.System;

    public IRateCounters RateCounters { get; } = new RateCounters();

    public ValueTask<Flow> ForwardAsync(PolicyContext context, in ForwardOptions options)
    {
        context.Response.Exists = true;
        return default;
    }

    public Uri? FindBackend(string backendId) => null;

    public void Trace(PolicyContext context, string source, string message)
    {
    }
}

internal sealed class BenchSubscription : ISubscription
{
    public static BenchSubscription Instance { get; } = new();

    public string Id => "bench";

    public string Name => "bench";

    public string Key => "0";

    public string PrimaryKey => "0";

    public string SecondaryKey => "1";

    public DateTime CreatedDate => default;

    public DateTime CreatedTime => default;

    public DateTime? StartDate => null;

    public DateTime? EndDate => null;
}
