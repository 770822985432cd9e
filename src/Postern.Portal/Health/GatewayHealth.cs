using Postern.Portal.Management;

namespace Postern.Portal.Health;

public enum HealthKind
{
    /// <summary>No node reports.</summary>
    None,

    /// <summary>Every node is healthy.</summary>
    Healthy,

    /// <summary>Some nodes are healthy and the others have gone silent, as after a rolling restart.</summary>
    Degraded,

    /// <summary>A node refused its configuration or has none, or every node is silent.</summary>
    Failed,
}

/// <summary>One mark for all the nodes of a gateway.</summary>
/// <param name="Label">The mark in a word, for people who don't see it.</param>
/// <param name="Reason">Why it isn't healthy.</param>
public sealed record GatewayHealth(HealthKind Kind, string Label, string Text, string? Reason)
{
    public static GatewayHealth Of(IReadOnlyList<InstanceContract> instances)
    {
        if (instances.Count == 0)
        {
            return new(HealthKind.None, "not connected", "no nodes connected", null);
        }

        var failed = instances.Where(IsFailed).ToList();
        var stale = instances.Where(IsStale).ToList();
        var healthy = instances.Count - failed.Count - stale.Count;
        return (failed.Count, stale.Count) switch
        {
            (0, 0) => new(HealthKind.Healthy, "healthy", Nodes(instances.Count), null),
            ( > 0, _) => new(HealthKind.Failed, "failed", $"{failed.Count} of {Nodes(instances.Count)} failed", Reasons.Of(failed[0])),
            _ when healthy > 0 => new(HealthKind.Degraded, "degraded", $"{healthy} of {Nodes(instances.Count)} healthy", Reasons.Of(stale[0])),
            _ => new(HealthKind.Failed, "stale", $"{Nodes(stale.Count)} silent", Reasons.Of(stale[0])),
        };
    }

    private static bool IsStale(InstanceContract instance) => instance.Properties.State == "Stale";

    /// <summary>A state this portal doesn't know is not taken for health.</summary>
    private static bool IsFailed(InstanceContract instance) => instance.Properties.State is not ("Healthy" or "Stale");

    private static string Nodes(int count) => count == 1 ? "1 node" : $"{count} nodes";
}
