using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Backends;

/// <summary>Checks of a backend that is a pool: its members are single backends of the same service, each once.</summary>
internal static class PoolRules
{
    public static async ValueTask CheckAsync(IResourceStore store, ResourceChange change, CancellationToken cancellation)
    {
        if (change.Properties["pool"] is not JsonObject pool || pool["services"] is not JsonArray { Count: > 0 } members)
        {
            change.Problem("pool.services", "A pool needs at least one backend in 'pool.services'.");
            return;
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < members.Count; i++)
        {
            var target = $"pool.services[{i}].id";
            var given = members[i]!.AsObject().Text("id")!;
            switch (await MemberAsync(store, change, given, cancellation))
            {
                case (null, var problem):
                    change.Problem(target, problem!);
                    break;
                case ({ } id, _) when !seen.Add(id):
                    change.Problem(target, $"The backend '{given}' is in the pool already.");
                    break;
            }
        }

        CheckWhole(members, change);
        if (pool["sessionAffinity"] is JsonObject affinity)
        {
            CheckSession(affinity["sessionId"] as JsonObject, change);
        }

        if ((change.Properties["circuitBreaker"] as JsonObject)?["rules"] is JsonArray { Count: > 0 })
        {
            change.Problem("circuitBreaker", "A pool has no circuit breaker of its own; give its backends one each.");
        }

        if (change.Existing is not null && await FindUserAsync(store, change.ParentId, change.Id, cancellation) is { } user)
        {
            change.Problem("type", $"The backend is a member of the pool '{user}', and pools take single backends only.");
        }
    }

    /// <returns>Name of a pool that has the backend as a member; null when none has.</returns>
    public static async ValueTask<string?> FindUserAsync(IResourceStore store, string serviceId, string backendId, CancellationToken cancellation)
    {
        foreach (var row in await store.ListAsync(serviceId, BackendKind.TypeName, 0, null, cancellation))
        {
            if (!ResourceIds.Same(row.Id, backendId) && MembersOf(ArmJson.ParseObject(row.Body).Properties(), serviceId).Any(id => ResourceIds.Same(id, backendId)))
            {
                return row.Name;
            }
        }

        return null;
    }

    private static IEnumerable<string> MembersOf(JsonObject properties, string serviceId) =>
        string.Equals(properties.Text("type"), "Pool", StringComparison.OrdinalIgnoreCase) && (properties["pool"] as JsonObject)?["services"] is JsonArray members
            ? members.Select(member => References.Absolute(serviceId, (member as JsonObject)?.Text("id") ?? "") ?? "")
            : [];

    private static async ValueTask<(string? Id, string? Problem)> MemberAsync(IResourceStore store, ResourceChange change, string given, CancellationToken cancellation)
    {
        var service = References.ServiceOf(change.Id);
        if (References.Absolute(service, given) is not { } id || References.NameIn(service, id, "backends") is null || await store.FindAsync(id, cancellation) is not { } row)
        {
            return (null, $"The backend '{given}' does not exist.");
        }

        return ResourceIds.Same(row.Id, change.Id) || string.Equals(ArmJson.ParseObject(row.Body).Properties().Text("type"), "Pool", StringComparison.OrdinalIgnoreCase)
            ? (null, $"The backend '{given}' is a pool; pools take single backends only.")
            : (row.Id, null);
    }

    private static void CheckWhole(JsonArray members, ResourceChange change)
    {
        for (var i = 0; i < members.Count; i++)
        {
            foreach (var name in (string[])["weight", "priority"])
            {
                if (members[i]![name] is JsonValue value && value.Deserialize<double>() % 1 != 0)
                {
                    change.Problem($"pool.services[{i}].{name}", $"'{name}' must be a whole number.");
                }
            }
        }
    }

    private static void CheckSession(JsonObject? session, ResourceChange change)
    {
        if (session?.Text("source") is null || session.Text("name") is not { } name)
        {
            change.Problem("pool.sessionAffinity.sessionId", "Session affinity needs 'sessionId' with the 'source' Cookie and the cookie's 'name'.");
        }
        else if (!name.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal)))
        {
            change.Problem("pool.sessionAffinity.sessionId.name", $"'{name}' can't be the name of a cookie.");
        }
    }
}
