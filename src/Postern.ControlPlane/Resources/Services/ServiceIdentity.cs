using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.Services;

/// <summary>The <c>identity</c> member of a service: system-assigned ones are made and removed here, user-assigned ones kept as given.</summary>
internal sealed class ServiceIdentity(KindServices services)
{
    private const string System = "SystemAssigned";

    public async ValueTask<ArmError?> ApplyAsync(ResourceChange change, CancellationToken cancellation)
    {
        var before = change.Before?["identity"] as JsonObject;
        if (change.Body["identity"] is null && before is not null)
        {
            change.Body["identity"] = before.DeepClone(); // A PUT that does not mention the identity does not take it away.
        }

        if (change.Body["identity"] is not { } given)
        {
            return null;
        }

        if (given is not JsonObject identity || Kinds(identity) is not { } kinds)
        {
            return ArmErrors.Validation("identity.type", "'identity.type' must be None, SystemAssigned, UserAssigned or both of the latter, separated by a comma.");
        }

        identity.Remove("principalId");
        identity.Remove("tenantId");
        if (!kinds.Contains(System, StringComparer.OrdinalIgnoreCase))
        {
            if (before?.Text("principalId") is { } old && await services.Identities.RemoveAsync(old, cancellation) is { } kept)
            {
                return Unavailable(kept);
            }

            if (kinds is ["None"])
            {
                change.Body["identity"] = new JsonObject { ["type"] = "None" };
            }

            return null;
        }

        var (principalId, problem) = await services.Identities.EnsureAsync(change.Id, cancellation);
        if (principalId is null)
        {
            return Unavailable(problem ?? "no reason was given");
        }

        identity["principalId"] = principalId;
        identity["tenantId"] = services.TenantId;
        return null;
    }

    public async ValueTask<ArmError?> RemoveAsync(JsonObject body, CancellationToken cancellation) =>
        (body["identity"] as JsonObject)?.Text("principalId") is { } principal && await services.Identities.RemoveAsync(principal, cancellation) is { } problem
            ? Unavailable(problem)
            : null;

    private static string[]? Kinds(JsonObject identity)
    {
        var kinds = identity.Text("type")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return kinds is { Length: > 0 }
            && (kinds is ["None"] || kinds.All(kind => kind.Equals(System, StringComparison.OrdinalIgnoreCase) || kind.Equals("UserAssigned", StringComparison.OrdinalIgnoreCase)))
            ? kinds
            : null;
    }

    private static ArmError Unavailable(string problem) =>
        new(502, "ManagedIdentityUnavailable", $"The authority did not provide the service's managed identity: {problem}", "identity", Diagnostic: ControlPlaneDiagnostics.IdentityUnavailable);
}
