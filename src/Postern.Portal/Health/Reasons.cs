using Postern.Portal.Management;

namespace Postern.Portal.Health;

/// <summary>Why one node is not healthy, from what it reported.</summary>
internal static class Reasons
{
    public static string? Of(InstanceContract instance)
    {
        var state = instance.Properties;
        var host = state.Host ?? instance.Name;
        return state switch
        {
            { State: "Healthy" } => null,
            { RejectedRevision: { } rejected } => $"{host} refused revision {rejected}: {state.RejectedReason ?? "it gave no reason"}",
            { RejectedReason: { Length: > 0 } reason } => $"{host}: {reason}",
            { State: "Stale" } => $"{host} has sent no heartbeat lately",
            { AppliedRevision: null } => $"{host} has no configuration yet",
            _ => $"{host} reports the state {state.State}",
        };
    }
}
