using Postern.Gateway.State;
using Postern.Snapshots;

namespace Postern.Gateway.Backends;

/// <summary>Backends that stand for one another: the first priority group in which one can be called gets the request.</summary>
internal sealed class BackendPool
{
    private readonly PoolGroup[] _groups;

    /// <param name="find">Single backends of the same state by id; null for one that can't be called.</param>
    /// <param name="problems">Gets a line for each member that is left out.</param>
    public BackendPool(string id, BackendPoolSnapshot snapshot, Func<string, BackendState?> find, List<string> problems)
    {
        FailureStatus = snapshot.FailureStatus;
        var members = new List<(PoolMemberSnapshot Snapshot, BackendState Backend)>();
        foreach (var member in snapshot.Members)
        {
            if (find(member.BackendId) is not { } backend)
            {
                problems.Add($"G215: pool '{id}' does without '{member.BackendId}', which is not there, cannot be called, or is a pool itself.");
            }
            else
            {
                members.Add((member, backend));
            }
        }

        Members = [.. members.Select(member => member.Backend)];
        _groups = [.. members.GroupBy(member => member.Snapshot.Priority ?? 1).OrderBy(group => group.Key)
            .Select(group => new PoolGroup([.. group.Select(member => (member.Backend, member.Snapshot.Weight ?? 1))]))];
        Session = snapshot.SessionCookie is { } cookie ? new(cookie, id, Members) : null;
    }

    public IReadOnlyList<BackendState> Members { get; }

    /// <summary>Null without session affinity.</summary>
    public PoolSession? Session { get; }

    public int? FailureStatus { get; }

    /// <summary>Where requests go when all is well; null for a pool without members.</summary>
    public Uri? FirstAddress => Members.Count == 0 ? null : Members[0].Address;

    /// <returns>Null when no member can be called.</returns>
    public BackendState? Pick()
    {
        foreach (var group in _groups)
        {
            if (group.Pick() is { } backend)
            {
                return backend;
            }
        }

        return null;
    }

    /// <summary>Whole seconds until the first member may be called again, at least 1.</summary>
    public int SecondsUntilAvailable()
    {
        var least = int.MaxValue;
        foreach (var member in Members)
        {
            least = Math.Min(least, member.Breaker?.Refusal.Seconds ?? 1);
        }

        return Math.Max(1, least == int.MaxValue ? 1 : least);
    }
}
