using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Gateway.Backends;
using Postern.Gateway.State;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;
using Postern.Testing;

namespace Postern.Gateway.Tests.Backends;

/// <summary>Who of a pool gets how many requests.</summary>
public sealed class BackendPoolTests
{
    private readonly ManualTime _time = new();
    private readonly List<string> _problems = [];
    private Dictionary<string, BackendState> _backends = [];

    [Fact]
    public void Without_weights_all_get_the_same_in_turn()
    {
        var pool = Pool(Member("a"), Member("b"), Member("c"));

        Assert.Equal("a:100 b:100 c:100", Counts(pool, 300));
        var turn = Enumerable.Range(0, 3).Select(_ => pool.Pick()!.Id).ToList();
        Assert.Equal(turn, Enumerable.Range(0, 3).Select(_ => pool.Pick()!.Id));
    }

    [Fact]
    public void Weights_are_shares_and_are_spread_out()
    {
        var pool = Pool(Member("a", 75), Member("b", 25));

        Assert.Equal("a:75 b:25", Counts(pool, 100));
        var picks = string.Concat(Enumerable.Range(0, 8).Select(_ => pool.Pick()!.Id));
        Assert.DoesNotContain("aaaa", picks, StringComparison.Ordinal);
        Assert.DoesNotContain("bb", picks, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lower_group_is_used_only_while_every_circuit_of_the_higher_is_open()
    {
        var pool = Pool(Member("a", priority: 1), Member("b", priority: 1), Member("c", priority: 2), Member("d", priority: 3));

        Assert.Equal("a:50 b:50", Counts(pool, 100));
        Trip("a");
        Assert.Equal("b:100", Counts(pool, 100));
        Trip("b");
        Assert.Equal("c:100", Counts(pool, 100));
        Trip("c");
        Assert.Equal("d:100", Counts(pool, 100));
        Trip("d");
        Assert.Null(pool.Pick());
        Assert.Equal(60, pool.SecondsUntilAvailable());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("a:50 b:50", Counts(pool, 100));
    }

    [Fact]
    public void The_share_of_an_open_circuit_goes_to_the_others_by_their_weights()
    {
        var pool = Pool(Member("a", 50), Member("b", 30), Member("c", 20));

        Trip("a");

        Assert.Equal("b:60 c:40", Counts(pool, 100));
    }

    [Fact]
    public void A_member_of_weight_zero_stands_in_for_its_group_only()
    {
        var pool = Pool(Member("a", 1), Member("b", 0));

        Assert.Equal("a:10", Counts(pool, 10));
        Trip("a");
        Assert.Equal("b:10", Counts(pool, 10));
    }

    [Fact]
    public void Members_without_a_priority_are_of_the_first_group() =>
        Assert.Equal("a:5 b:5", Counts(Pool(Member("a"), Member("b", priority: 1), Member("c", priority: 2)), 10));

    [Fact]
    public void Pools_in_pools_and_unknown_backends_are_left_out_and_named()
    {
        var inner = Parts.Backends.Pool("inner", Member("a"));
        var pool = Pool([inner], Member("inner"), Member("nobody"), Member("a"));

        Assert.Equal("a:3", Counts(pool, 3));
        Assert.Equal(2, _problems.Count(problem => problem.StartsWith("G215", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_session_stays_where_it_began_for_every_gateway_and_tells_nothing()
    {
        var one = Pool(Member("a"), Member("b"), Member("c"));
        var session = new PoolSession("SessionId", "pool", one.Members);
        foreach (var member in one.Members)
        {
            var cookie = session.Issue(member, secure: true);
            Assert.Matches("^SessionId=[A-Za-z0-9_-]{32}; path=/; httponly; secure$", cookie);
            var sent = $"other=1; {cookie.Split(';')[0]}; x=y";

            // Another gateway with the same pool understands it; another pool does not.
            Assert.Equal(member.Id, new PoolSession("SessionId", "pool", Pool(Member("a"), Member("b"), Member("c")).Members).Find(sent)!.Id);
            Assert.Null(new PoolSession("SessionId", "other", one.Members).Find(sent));
            Assert.NotEqual(cookie, session.Issue(member, secure: true));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("SessionId=")]
    [InlineData("SessionId=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("SessionId=????????????????????????????????")]
    [InlineData("sessionid=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA;;;=;")]
    public void A_cookie_that_was_never_issued_leads_nowhere(string cookie) =>
        Assert.Null(new PoolSession("SessionId", "pool", Pool(Member("a")).Members).Find(cookie));

    [Fact]
    public void Picking_allocates_nothing_and_is_fair_among_threads()
    {
        var pool = Pool(Member("a", 3), Member("b", 1));
        Trip("b");
        pool.Pick();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            pool.Pick();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        _time.Advance(TimeSpan.FromMinutes(1));
        var counts = new int[2];
        Parallel.For(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => Interlocked.Increment(ref counts[pool.Pick()!.Id == "a" ? 0 : 1]));
        Assert.Equal([3000, 1000], counts);
    }

    private static PoolMemberSnapshot Member(string id, int? weight = null, int? priority = null) => Parts.Backends.Member(id, weight, priority);

    private BackendPool Pool(params PoolMemberSnapshot[] members) => Pool([], members);

    private BackendPool Pool(SnapshotEntity[] others, params PoolMemberSnapshot[] members)
    {
        var entities = members.Where(member => member.BackendId.Length == 1)
            .Select(SnapshotEntity (member) => Parts.Backends.Single(member.BackendId, new($"http://{member.BackendId}.example"), Parts.Backends.Rule()))
            .Concat(others).Append(Parts.Backends.Pool("pool", members)).ToList();
        var set = EntitySet.From(new(SnapshotFormat.Current, 1, SnapshotHash.OfSet(entities.ToDictionary(entity => entity.Key, SnapshotHash.Of)), entities));
        _backends = new BackendCompiler(Parts.Backends.Signals(_time, NullLogger.Instance)).Compile(set, new Dictionary<string, X509Certificate2>(), null, _problems);
        return _backends["pool"].Pool!;
    }

    private void Trip(string id) => _backends[id].Breaker!.Answered(500, default);

    private static string Counts(BackendPool pool, int picks) => string.Join(' ', Enumerable.Range(0, picks)
        .Select(_ => pool.Pick()!.Id).GroupBy(id => id).OrderBy(group => group.Key).Select(group => $"{group.Key}:{group.Count()}"));
}
