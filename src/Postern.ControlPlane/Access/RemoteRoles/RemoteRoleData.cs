using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access.Arm;
using Postern.ControlPlane.Access.Rbac;

namespace Postern.ControlPlane.Access.RemoteRoles;

/// <summary>
/// Role data of a remote Azure Resource Manager (<c>rbac.source</c>), read over its authorization API with the token of the service's
/// identity: what that identity may not read, the remote refuses. One reading serves all callers for a few seconds.
/// </summary>
internal sealed class RemoteRoleData(RemoteAuthorization remote, IServiceIdentityTokens tokens, string audience, TimeProvider time, ILogger logger) : IRoleData
{
    /// <summary>A role that is taken away there is gone here within five seconds, the recheck of waiting polls included.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>An outage of the remote shorter than this is invisible.</summary>
    public static readonly TimeSpan UsableFor = TimeSpan.FromMinutes(10);

    private static readonly (string Type, string Action)[] Collections =
    [
        (AuthorizationIds.RoleAssignments, RoleDataReads.RoleAssignments),
        (AuthorizationIds.RoleDefinitions, RoleDataReads.RoleDefinitions),
        (AuthorizationIds.DenyAssignments, RoleDataReads.DenyAssignments),
    ];

    private readonly ConcurrentDictionary<(string Identity, string Scope), Lazy<Task<Reading>>> _readings = new();
    private volatile bool _reachable = true;

    public async ValueTask<RoleDataOutcome> ReadAsync(ServiceIdentity identity, string serviceScope, CancellationToken cancellation)
    {
        var key = (identity.PrincipalId, serviceScope.ToLowerInvariant());
        Reading? before = null;
        if (_readings.TryGetValue(key, out var current))
        {
            before = await current.Value.WaitAsync(cancellation);
            if (time.GetUtcNow() - before.At < FreshFor)
            {
                return before.Outcome;
            }
        }

        // Whoever comes first reads for all who come meanwhile; it isn't ended by the first one's going away.
        var mine = new Lazy<Task<Reading>>(() => FetchAsync(identity, serviceScope, before));
        var used = current is null
            ? _readings.GetOrAdd(key, mine)
            : _readings.TryUpdate(key, mine, current) ? mine : _readings.GetOrAdd(key, mine);
        return (await used.Value.WaitAsync(cancellation)).Outcome;
    }

    private async Task<Reading> FetchAsync(ServiceIdentity identity, string serviceScope, Reading? before)
    {
        var now = time.GetUtcNow();
        var (outcome, problem) = await TryFetchAsync(identity, serviceScope);
        if (problem is null)
        {
            _reachable = true;
            return new(outcome!, now, now);
        }

        if (_reachable)
        {
            _reachable = false;
            AccessLog.RolesUnreachable(logger, problem);
        }

        return before is not null && now - before.ReadAt < UsableFor
            ? before with { At = now }
            : new(new(null, Unreachable: true), now, DateTimeOffset.MinValue);
    }

    private async Task<(RoleDataOutcome? Outcome, string? Problem)> TryFetchAsync(ServiceIdentity identity, string serviceScope)
    {
        try
        {
            var (token, refused) = await tokens.TokenAsync(identity, audience, CancellationToken.None);
            if (token is null)
            {
                return (null, refused);
            }

            var lists = new List<IReadOnlyList<JsonObject>>();
            foreach (var (type, action) in Collections)
            {
                var list = await remote.ListAsync(serviceScope, type, token, CancellationToken.None);
                if (list.Status == HttpStatusCode.Forbidden)
                {
                    return (new(null, action, list.Message), null);
                }

                if (list.Status != HttpStatusCode.OK)
                {
                    tokens.Forget(identity);
                    return (null, $"{type}: {(int)list.Status} {list.Message}");
                }

                lists.Add(list.Items);
            }

            return (new(Read(lists[0], lists[1], lists[2])), null);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            return (null, error.Message);
        }
    }

    private static RoleSet Read(IReadOnlyList<JsonObject> assignments, IReadOnlyList<JsonObject> definitions, IReadOnlyList<JsonObject> denies)
    {
        var roles = new Dictionary<string, RoleDefinition>(StringComparer.OrdinalIgnoreCase);
        foreach (var definition in definitions)
        {
            if (RoleBodies.Text(definition["name"]) is { } name)
            {
                roles.TryAdd(name, RoleBodies.Definition(name, definition));
            }
        }

        List<RoleAssignment> assigned = [.. assignments.Select(item => RoleBodies.Text(item["id"]) is { } id ? RoleBodies.Assignment(id, item) : null).OfType<RoleAssignment>()];
        List<DenyAssignment> denied = [.. denies.Select(item => RoleBodies.Text(item["id"]) is { } id ? RoleBodies.Deny(id, item) : null).OfType<DenyAssignment>()];

        // What is listed for a service and comes from a management group is above that service.
        var above = assigned.Select(item => item.Scope).Concat(denied.Select(item => item.Scope)).Where(ArmScope.IsManagementGroup);
        return new(roles, assigned, denied, [.. above.Distinct(StringComparer.OrdinalIgnoreCase)]);
    }

    /// <param name="At">When the outcome was last looked at, successfully or not.</param>
    /// <param name="ReadAt">When it was really read.</param>
    private sealed record Reading(RoleDataOutcome Outcome, DateTimeOffset At, DateTimeOffset ReadAt);
}
