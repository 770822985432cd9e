using Postern.Portal.Management;

namespace Postern.Portal.Health;

/// <summary>Why one node is not healthy, from what it reported.</summary>
internal static class Reasons
{
    /// <summary>With the host that it is about.</summary>
    public static string? Of(InstanceContract instance) =>
        Alone(instance) is { } reason ? $"{instance.Properties.Host ?? instance.Name} {reason}" : null;

    public static string? Alone(InstanceContract instance)
    {
        var state = instance.Properties;
        return state switch
        {
            { State: "Healthy" } => null,
            { RejectedRevision: { } rejected } => $"refused revision {rejected}: {state.RejectedReason ?? "it gave no reason"}",
            { RejectedReason: { Length: > 0 } reason } => $"reports: {reason}",
            { State: "Stale" } => "has sent no heartbeat lately",
            { AppliedRevision: null } => "has no configuration yet",
            _ => $"reports the state {state.State}",
        };
    }
}
