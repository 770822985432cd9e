using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Caching;
using Postern.Gateway.Caching.Redis;
using Postern.Gateway.Tests.Parts;
using Postern.Hosting.Tls;
using Postern.Snapshots;
using Postern.Snapshots.Redis;
using Postern.Testing;
using Until = Postern.Gateway.Tests.Parts.Until;

namespace Postern.Gateway.Tests.Caching;

/// <summary>The client and a real cluster of three masters.</summary>
public sealed class RedisClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly CapturedLogs _logs = new();
    private readonly List<ExternalCache> _caches = [];
    private RedisCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        var cluster = await RedisCluster.StartAsync();
        Assert.SkipWhen(cluster is null, "redis-server is not installed");
        _cluster = cluster!;
    }

    public async ValueTask DisposeAsync()
    {
        _caches.ForEach(cache => cache.Dispose());
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task Keys_go_to_who_holds_them_whichever_member_is_named()
    {
        foreach (var named in _cluster.Masters)
        {
            var cache = await OpenAsync($"127.0.0.1:{named.Port}");
            await KnownAsync(cache);
            for (var i = 0; i < 100; i++)
            {
                byte[] value = Encoding.UTF8.GetBytes($"{named.Port} {i}");
                await cache.SetAsync($"key {i}", value, Minute, default);
                Assert.Equal(value, await cache.GetAsync($"key {i}", default));
            }

            await cache.RemoveAsync("key 7", default);
            Assert.Null(await cache.GetAsync("key 7", default));
        }

        foreach (var master in _cluster.Masters)
        {
            Assert.InRange(int.Parse(await master.CliAsync("dbsize"), CultureInfo.InvariantCulture), 10, 90);
        }

        Assert.Equal(0, _logs.CountOf("ExternalCacheRefused"));
    }

    [Fact]
    public async Task A_member_that_dies_costs_its_keys_only_and_no_wait_and_is_found_again()
    {
        // Patient, so that a loaded machine misses nothing else; a wait for the dead one would be seen all the better.
        var cache = await OpenAsync($"127.0.0.1:{_cluster.Masters[0].Port}");
        await KnownAsync(cache);

        // The one that is named too: any member will do to find the others.
        await _cluster.Masters[0].KillAsync();
        await Until.TrueAsync(async () =>
        {
            await cache.GetAsync("key 1", default);
            return _logs.CountOf("ExternalCacheLost") > 0;
        });
        var (found, slowest) = (0, TimeSpan.Zero);
        for (var i = 0; i < 300; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await cache.SetAsync($"key {i}", [1], Minute, default);
            found += await cache.GetAsync($"key {i}", default) is [1] ? 1 : 0;
            slowest = Stopwatch.GetElapsedTime(began) > slowest ? Stopwatch.GetElapsedTime(began) : slowest;
        }

        Assert.InRange(found, 120, 280);
        Assert.True(slowest < TimeSpan.FromSeconds(1), $"a look-up waited {slowest.TotalMilliseconds} ms");

        await _cluster.Masters[0].StartAnewAsync();
        await Until.TrueAsync(async () => await AreAllThereAsync(cache), 40);
    }

    [Fact]
    public async Task A_member_that_freezes_costs_one_short_wait()
    {
        var cache = await OpenAsync($"127.0.0.1:{_cluster.Masters[0].Port}", TimeSpan.FromMilliseconds(50));
        await KnownAsync(cache);

        await _cluster.Masters[1].FreezeAsync();
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 300; i++)
        {
            await cache.SetAsync($"key {i}", [1], Minute, default);
            await cache.GetAsync($"key {i}", default);
        }

        var took = Stopwatch.GetElapsedTime(began);
        await _cluster.Masters[1].ThawAsync();

        // A hundred of them are on the frozen member; each waiting for the limit would be five seconds.
        Assert.True(took < TimeSpan.FromSeconds(3), $"300 look-ups took {took.TotalMilliseconds} ms");
        await Until.TrueAsync(async () => await AreAllThereAsync(cache), 40);
    }

    [Fact]
    public async Task A_slot_on_its_way_to_another_member_is_asked_for_there()
    {
        var cache = await OpenAsync($"127.0.0.1:{_cluster.Masters[0].Port}");
        await KnownAsync(cache);
        var slot = RedisSlot.Of("test/wanderer"u8).ToString(CultureInfo.InvariantCulture);
        var from = await HolderAsync(slot);
        var to = _cluster.Masters.First(master => master != from);
        var (fromId, toId) = (await from.CliAsync("cluster", "myid"), await to.CliAsync("cluster", "myid"));
        Assert.Equal("OK", await to.CliAsync("cluster", "setslot", slot, "importing", fromId));
        Assert.Equal("OK", await from.CliAsync("cluster", "setslot", slot, "migrating", toId));

        // The old holder has no such key: it says ASK, and the new one answers only who asks.
        await cache.SetAsync("wanderer", [1], Minute, default);
        Assert.Equal([1], await cache.GetAsync("wanderer", default));
        Assert.Equal("1", await to.CliAsync("cluster", "countkeysinslot", slot));

        Assert.Equal("OK", await to.CliAsync("cluster", "setslot", slot, "node", toId));
        Assert.Equal("OK", await from.CliAsync("cluster", "setslot", slot, "node", toId));
        Assert.Equal([1], await cache.GetAsync("wanderer", default));
        Assert.Equal(0, _logs.CountOf("ExternalCacheRefused"));
    }

    [Fact]
    public async Task Members_that_send_a_command_in_circles_are_a_miss()
    {
        ScriptedRedis? self = null;
        await using var circle = new ScriptedRedis(request => string.Concat(
            Regex.Matches(request, "GETRANGE|NODES|PING").Select(word => word.Value switch { "GETRANGE" => $"-MOVED 1 127.0.0.1:{self!.Port}\r\n", "NODES" => "-ERR no\r\n", _ => "+OK\r\n" })));
        self = circle;
        var cache = await OpenAsync($"127.0.0.1:{circle.Port}");
        await Until.TrueAsync(async () =>
        {
            await cache.GetAsync("a", default);
            return circle.Connections == 2;
        });

        for (var i = 0; i < 20; i++)
        {
            Assert.Null(await cache.GetAsync("a", default).AsTask().WaitAsync(TimeSpan.FromSeconds(5)));
        }
    }

    private async Task<ExternalCache> OpenAsync(string connection, TimeSpan? timeout = null)
    {
        using var logging = LoggerFactory.Create(logging => logging.AddProvider(_logs));
        var cache = new ExternalCache(
            new("default", "default", connection), RedisConnectionString.Parse(connection), "test/", TrustedRoots.System, timeout ?? TimeSpan.FromSeconds(10), 2_000_000, TimeProvider.System,
            new(logging.CreateLogger("cache"), null, "default", TimeProvider.System));
        _caches.Add(cache);
        cache.Start();
        await Until.TrueAsync(() => cache.IsConnected);
        return cache;
    }

    /// <summary>The first keys that are elsewhere are misses, until the gateway is connected to all members.</summary>
    private static Task KnownAsync(ExternalCache cache) => Until.TrueAsync(() => AreAllThereAsync(cache));

    private static async Task<bool> AreAllThereAsync(ExternalCache cache)
    {
        for (var i = 0; i < 30; i++)
        {
            await cache.SetAsync($"probe {i}", [1], Minute, default);
            if (await cache.GetAsync($"probe {i}", default) is not [1])
            {
                return false;
            }
        }

        return true;
    }

    private async Task<RedisServer> HolderAsync(string slot)
    {
        foreach (var master in _cluster.Masters)
        {
            var mine = (await master.CliAsync("cluster", "nodes")).Split('\n').Single(line => line.Contains("myself", StringComparison.Ordinal)).Split(' ')[^1].Split('-');
            if (int.Parse(slot, CultureInfo.InvariantCulture) is var number && number >= int.Parse(mine[0], CultureInfo.InvariantCulture) && number <= int.Parse(mine[^1], CultureInfo.InvariantCulture))
            {
                return master;
            }
        }

        throw new InvalidOperationException($"Nobody holds slot {slot}.");
    }
}
