using Postern.Portal.Health;
using Postern.Portal.Management;

namespace Postern.Portal.Access;

/// <summary>An explanation of the control plane as marks. The decision is its own; nothing is decided here.</summary>
internal static class AccessOutcome
{
    private static readonly (string Step, string Title)[] Chain =
    [
        ("Identity", "The service has a system-assigned identity"),
        ("RoleData", "That identity may read role assignments"),
        ("DataAction", "The principal may fetch this gateway's configuration"),
    ];

    public static GatewayHealth Of(AccessPropertiesContract access) =>
        access.Allowed ? new(HealthKind.Healthy, "allowed", "may read the configuration", null)
        : IsOutage(access.Diagnostic) ? new(HealthKind.Degraded, "undecided", "can't be found out now", null)
        : new(HealthKind.Failed, "refused", "may not read the configuration", null);

    /// <summary>Every link of the chain; those behind the one that broke were not looked at. Steps that are new to this portal are shown by name.</summary>
    public static IReadOnlyList<(GatewayHealth Mark, AccessStepContract? Step)> Steps(AccessPropertiesContract access)
    {
        var taken = access.Steps ?? [];
        return
        [
            .. taken.Select(step => (Mark(step), (AccessStepContract?)step)),
            .. Chain.Where(link => taken.All(step => step.Step != link.Step))
                .Select(link => (new GatewayHealth(HealthKind.None, "not looked at", link.Title, null), (AccessStepContract?)null)),
        ];
    }

    private static GatewayHealth Mark(AccessStepContract step)
    {
        var title = Chain.FirstOrDefault(link => link.Step == step.Step).Title ?? step.Step;
        return step.Passed ? new(HealthKind.Healthy, "met", title, null)
            : IsOutage(step.Diagnostic) ? new(HealthKind.Degraded, "undecided", title, null)
            : new(HealthKind.Failed, "not met", title, null);
    }

    /// <summary>Role data (A436) or the directory (A437) gives no answer: callers get 503, which is no refusal.</summary>
    private static bool IsOutage(string? diagnostic) => diagnostic is "A436" or "A437";
}
