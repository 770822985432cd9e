using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access.Arm;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Access;

/// <summary>
/// Gives the configured owners their role at each start. Without a first owner nobody could assign any role; and whoever may change this
/// control plane's settings can always get back in.
/// </summary>
internal static class OwnerSeeding
{
    private const string Seeder = "00000000-0000-0000-0000-000000000000";

    public static async Task EnsureAsync(IResourceStore store, string subscriptionId, IReadOnlyList<string> owners, ILogger logger, CancellationToken cancellation)
    {
        var scope = $"/subscriptions/{subscriptionId}";
        foreach (var owner in owners)
        {
            // The same name at each start and on each replica, so that there is one assignment however often this runs.
            var name = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"owner {scope} {owner}".ToLowerInvariant())).AsSpan(0, 16));
            var body = new JsonObject
            {
                ["properties"] = new JsonObject
                {
                    ["roleDefinitionId"] = AuthorizationIds.Id(scope, AuthorizationIds.RoleDefinitions, BuiltInRoles.Owner),
                    ["principalId"] = owner,
                    ["principalType"] = "ServicePrincipal",
                },
            };
            var write = new ResourceWrite(
                AuthorizationIds.Id(scope, AuthorizationIds.RoleAssignments, name.ToString()), AuthorizationIds.RoleAssignments, body.ToJsonString(), Seeder, MustNotExist: true);
            if ((await store.WriteAsync([write], cancellation)).Conflict is null)
            {
                AccessLog.OwnerSeeded(logger, owner, scope);
            }
        }
    }
}
