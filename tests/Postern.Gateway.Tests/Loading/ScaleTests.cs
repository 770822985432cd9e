using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Gateway.Programs;
using Postern.Gateway.Routing;
using Postern.Gateway.State;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Loading;

/// <summary>10,000 APIs with 100,000 operations: what a change costs, what a look-up costs, what it takes in memory.</summary>
public sealed class ScaleTests
{
    private const int Apis = 10_000;

    [Fact]
    public void A_large_configuration_changes_quickly_and_routes_as_a_small_one()
    {
        var before = GC.GetTotalMemory(true);
        var compiler = new StateCompiler(new PolicyProgramCompiler(), new BackendCompiler(Parts.Backends.Signals(TimeProvider.System, NullLogger.Instance)), "test", new(new(), [], TimeProvider.System));
        var entities = EntitySet.From(Snapshot(Apis));
        var state = compiler.Compile(entities, null);
        var held = GC.GetTotalMemory(true) - before;

        // The fastest: what the work takes when the machine has time for it.
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 12; i++)
        {
            var changed = Entities.Api($"api{i}", $"team{i % 100}/api{i}", "http://changed.example", operations: ["GET /orders/{id}", "POST /orders"]);
            var change = Change(entities, changed);
            var began = Stopwatch.GetTimestamp();
            entities = entities.Apply(change);
            state = compiler.Compile(entities, state);
            var took = Stopwatch.GetElapsedTime(began);
            fastest = took < fastest ? took : fastest;
        }

        var small = compiler.Compile(EntitySet.From(Snapshot(10)), null);
        var ratio = Time(state, 9_876) / Time(small, 7);
        TestContext.Current.TestOutputHelper?.WriteLine($"{held / 1024 / 1024} MB, fastest change {fastest.TotalMilliseconds:0} ms, routing ratio {ratio:0.00}");

        Assert.True(held < 200L * 1024 * 1024, $"{held} bytes");
        Assert.True(fastest < TimeSpan.FromMilliseconds(250), $"The fastest change took {fastest}.");
        Assert.True(ratio < 3, $"Routing takes {ratio:0.00} times as long as with ten APIs.");
    }

    private static double Time(GatewayState state, int index)
    {
        var path = $"/team{index % 100}/api{index}/orders/12";
        var headers = new HeaderDictionary();
        var captured = new RouteParameters();
        var best = double.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < 2_000; i++)
            {
                captured.Return(0);
                var api = state.Apis.Find(path, new(ApiProtocol.Http, "", headers), out var start);
                if (api?.Operations.Find(path, start, "GET", "", captured) is null)
                {
                    throw new InvalidOperationException("Not found.");
                }
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }

        return best;
    }

    private static Snapshot Snapshot(int apis)
    {
        List<SnapshotEntity> entities =
        [
            Entities.Service,
            .. Enumerable.Range(0, apis).Select(index => Entities.Api(
                $"api{index}", $"team{index % 100}/api{index}", "http://backend.example",
                operations: [.. Enumerable.Range(0, 8).Select(part => $"GET /part{part}/{{id}}"), "GET /orders/{id}", "POST /orders"])),
        ];
        return new(SnapshotFormat.Current, 1, SnapshotHash.OfSet(entities.Select(entity => KeyValuePair.Create(entity.Key, SnapshotHash.Of(entity)))), entities);
    }

    private static SnapshotChange Change(EntitySet set, SnapshotEntity entity)
    {
        var hashes = set.All.Where(other => other.Key != entity.Key).Select(other => KeyValuePair.Create(other.Key, set.HashOf(other.Key)))
            .Append(KeyValuePair.Create(entity.Key, SnapshotHash.Of(entity)));
        return new(SnapshotFormat.Current, set.Revision, set.Revision + 1, SnapshotHash.OfSet(hashes), [entity], []);
    }
}
