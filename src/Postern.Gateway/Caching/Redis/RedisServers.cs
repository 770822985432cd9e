using System.Collections.Concurrent;
using System.Text;
using Postern.Hosting.Tls;
using Postern.Snapshots.Redis;

namespace Postern.Gateway.Caching.Redis;

/// <summary>
/// The connections to one Redis: a single server, or the members of a cluster. That it is a cluster shows when a member sends a command
/// elsewhere; from then on each key is asked of who holds it. A member that is away costs its own keys only, and those not a wait.
/// </summary>
internal sealed class RedisServers : IDisposable
{
    /// <summary>Members that a command may be sent on to before it is given up.</summary>
    private const int MostHops = 3;

    /// <summary>Between two questions for the whole topology.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<RedisEndpoint, RedisLink> _members = new();
    private readonly Lock _gate = new();
    private readonly RedisOptions _options;
    private readonly Func<RedisOptions, RedisLink> _link;
    private readonly TimeProvider _time;
    private readonly RedisLink _first;
    private volatile RedisTopology? _topology;
    private long _askAt;
    private bool _disposed;

    /// <param name="log">Made anew for each member.</param>
    public RedisServers(RedisOptions options, TrustedRoots roots, int largestValue, TimeProvider time, Func<IRedisLinkEvents> log)
    {
        _options = options;
        _time = time;
        _link = member => new(member, roots, largestValue, time, log(), Redirect);
        _first = _link(options);
        _askAt = time.GetTimestamp();
    }

    public bool IsConnected => Any() is not null;

    /// <summary>Begins to connect; more calls do nothing.</summary>
    public void Start() => _first.Start();

    /// <returns>False when nobody is there to ask: at once, not after a wait.</returns>
    public bool TrySend(RedisCommand command) => (Holder(command) ?? Any()) is { } connection && connection.TrySend(command);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _first.Dispose();
            foreach (var member in _members.Values)
            {
                member.Dispose();
            }
        }
    }

    /// <summary>Null when it is not known or not there; any other member then says where the key is by now.</summary>
    private RedisConnection? Holder(RedisCommand command) =>
        _topology is { } topology && topology.HolderOf(command.Slot) is { } holder && _members.TryGetValue(holder, out var link) ? Usable(link) : null;

    private RedisConnection? Any()
    {
        if (Usable(_first) is { } first)
        {
            return first;
        }

        foreach (var (_, member) in _members)
        {
            if (Usable(member) is { } connection)
            {
                return connection;
            }
        }

        return null;
    }

    private static RedisConnection? Usable(RedisLink link) => link.Connection is { IsSilent: false } connection ? connection : null;

    /// <summary>Called by the loop that reads a member's answers: must not block.</summary>
    /// <returns>False for an error that is the answer.</returns>
    private bool Redirect(RedisCommand command, RespReply reply)
    {
        if (RedisRedirection.Read(reply.Text, _options.Endpoints[0].Host) is not { } redirection)
        {
            return false;
        }

        if (redirection.IsLasting)
        {
            _topology = (_topology ?? RedisTopology.Empty).With(redirection);
            AskForTopology(command.Carrier!);
        }

        // What is not connected yet is a miss this once.
        if (Member(redirection.Holder) is not { } link || Usable(link) is not { } connection
            || command.Redirected(asking: !redirection.IsLasting, MostHops) is not { } again || !connection.TrySend(again))
        {
            command.Answer(default);
        }

        return true;
    }

    private RedisLink? Member(RedisEndpoint endpoint)
    {
        if (_members.TryGetValue(endpoint, out var known))
        {
            return known;
        }

        lock (_gate)
        {
            if (_disposed || _members.Count >= RedisTopology.MostMembers)
            {
                return null;
            }

            // Members go by addresses; the certificate is for the name that people know.
            var link = _members.GetOrAdd(endpoint, endpoint => _link(_options with { Endpoints = [endpoint], TlsHost = _options.TlsHost ?? _options.Endpoints[0].Host }));
            link.Start();
            return link;
        }
    }

    private void AskForTopology(RedisConnection member)
    {
        var now = _time.GetTimestamp();
        var due = Volatile.Read(ref _askAt);
        if (now >= due && Interlocked.CompareExchange(ref _askAt, now + (long)(AskEvery.TotalSeconds * _time.TimestampFrequency), due) == due)
        {
            _ = ReadTopologyAsync(member);
        }
    }

    private async Task ReadTopologyAsync(RedisConnection member)
    {
        var command = RedisCommand.Of("CLUSTER", "NODES");
        if (!member.TrySend(command) || await command.Reply is not { Kind: RespKind.Value, Bytes: { } text })
        {
            return;
        }

        var topology = RedisTopology.Read(Encoding.UTF8.GetString(text), _options.Endpoints[0].Host);
        if (topology.Members.Count == 0)
        {
            return;
        }

        _topology = topology;
        foreach (var endpoint in topology.Members)
        {
            Member(endpoint);
        }

        foreach (var (endpoint, link) in _members)
        {
            if (!topology.Members.Contains(endpoint) && _members.TryRemove(endpoint, out _))
            {
                link.Dispose();
            }
        }
    }
}
