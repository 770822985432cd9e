using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access.Arm;

namespace Postern.ControlPlane.Access.Groups;

/// <summary>
/// Group membership from the directory, which resolves groups within groups itself. Held for a few seconds, so that leaving a group acts
/// within the five that are promised; while the directory is away, what was last known serves for a while.
/// </summary>
internal sealed class GraphGroups(GraphClient graph, TimeProvider time, ILogger logger) : IGroupMembership
{
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(4);

    /// <summary>An outage of the directory shorter than this is invisible to principals that were seen before.</summary>
    public static readonly TimeSpan UsableFor = TimeSpan.FromMinutes(10);

    /// <summary>Principals remembered; beyond it the memory starts anew.</summary>
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<string, Membership> _known = new(StringComparer.OrdinalIgnoreCase);
    private volatile bool _reachable = true;

    public async ValueTask<IReadOnlyCollection<string>?> GroupsOfAsync(string principalId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (_known.TryGetValue(principalId, out var known) && now - known.AskedAt < FreshFor)
        {
            return known.Groups;
        }

        var (answer, problem) = await graph.CallAsync(
            $"directoryObjects/{Uri.EscapeDataString(principalId)}/getMemberGroups", new JsonObject { ["securityEnabledOnly"] = true }, cancellation);
        if (problem is not null)
        {
            if (_reachable)
            {
                _reachable = false;
                DirectoryUnreachable(problem);
            }

            return known is not null && now - known.AskedAt < UsableFor ? known.Groups : null;
        }

        _reachable = true;
        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        // A principal that the directory doesn't know is in no group.
        var groups = (answer?["value"] as JsonArray ?? []).Select(RoleBodies.Text).OfType<string>().ToList();
        _known[principalId] = new(groups, now);
        return groups;
    }

    private void DirectoryUnreachable(string problem) => AccessLog.DirectoryUnreachable(logger, problem);

    private sealed record Membership(IReadOnlyCollection<string> Groups, DateTimeOffset AskedAt);
}
