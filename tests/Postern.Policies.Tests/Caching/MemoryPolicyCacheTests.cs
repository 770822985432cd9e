using System.Text;
using Postern.Policies.Caching;
using Postern.Testing;

namespace Postern.Policies.Tests.Caching;

public sealed class MemoryPolicyCacheTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly ManualTime _time = new();

    [Fact]
    public async Task What_was_set_is_found_until_it_expires()
    {
        var cache = new MemoryPolicyCache(_time, 1 << 20);
        await cache.SetAsync("a", [1, 2], TimeSpan.FromSeconds(10), default);
        Assert.Equal([1, 2], await cache.GetAsync("a", default));

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Null(await cache.GetAsync("a", default));
        Assert.Equal((0, 0), (cache.Count, cache.Bytes));
    }

    [Fact]
    public async Task The_last_value_wins_and_a_removed_one_is_gone()
    {
        var cache = new MemoryPolicyCache(_time, 1 << 20);
        await cache.SetAsync("a", [1], Long, default);
        await cache.SetAsync("a", [2], Long, default);
        Assert.Equal([2], await cache.GetAsync("a", default));

        await cache.RemoveAsync("a", default);

        Assert.Null(await cache.GetAsync("a", default));
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public async Task A_value_that_is_too_large_replaces_nothing_by_nothing()
    {
        var cache = new MemoryPolicyCache(_time, 1 << 20, largestValue: 10);
        await cache.SetAsync("a", new byte[10], Long, default);
        await cache.SetAsync("a", new byte[11], Long, default);

        Assert.Null(await cache.GetAsync("a", default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(5_000)]
    public async Task Bytes_never_exceed_the_size(int largest)
    {
        var random = new Random(1);
        var cache = new MemoryPolicyCache(_time, 100_000);
        for (var i = 0; i < 5_000; i++)
        {
            await cache.SetAsync($"key{random.Next(800)}", new byte[random.Next(largest + 1)], Long, default);
            Assert.InRange(cache.Bytes, 1, 100_000);
        }

        Assert.True(cache.Bytes > 80_000, $"only {cache.Bytes} bytes are used");
    }

    [Fact]
    public async Task Many_threads_at_once_leave_it_whole()
    {
        var cache = new MemoryPolicyCache(TimeProvider.System, 200_000);
        await Parallel.ForAsync(0, 8, async (thread, cancellation) =>
        {
            var random = new Random(thread);
            for (var i = 0; i < 20_000; i++)
            {
                var key = $"key{random.Next(2_000)}";
                if (await cache.GetAsync(key, cancellation) is { } found)
                {
                    Assert.Equal(key, Encoding.UTF8.GetString(found));
                }
                else
                {
                    await cache.SetAsync(key, Encoding.UTF8.GetBytes(key), TimeSpan.FromMilliseconds(random.Next(1, 50)), cancellation);
                }

                if (random.Next(20) == 0)
                {
                    await cache.RemoveAsync(key, cancellation);
                }
            }
        });

        Assert.InRange(cache.Bytes, 0, 200_000);
        for (var i = 0; i < 2_000; i++)
        {
            await cache.RemoveAsync($"key{i}", default);
        }

        Assert.Equal((0, 0), (cache.Count, cache.Bytes));
    }

    /// <summary>The figures of docs/decisions/0070-cache-eviction.md.</summary>
    [Fact]
    public async Task Popular_keys_survive_scans_better_than_with_least_recently_used()
    {
        var trace = CacheTrace.ZipfWithScans(requests: 300_000, keys: 20_000, exponent: 0.9, scanEvery: 20_000, scanLength: 4_000, seed: 7);
        var cache = new MemoryPolicyCache(_time, 1_000 * Weight);
        var ours = 0;
        foreach (var key in trace)
        {
            if (await cache.GetAsync(key, default) is null)
            {
                await cache.SetAsync(key, new byte[100], Long, default);
            }
            else
            {
                ours++;
            }
        }

        var leastRecentlyUsed = CacheTrace.HitsOfLeastRecentlyUsed(trace, capacity: 1_000);
        var gain = (ours - leastRecentlyUsed) * 100d / trace.Count;
        TestContext.Current.TestOutputHelper?.WriteLine($"hits: {ours * 100d / trace.Count:f1} %, least recently used: {leastRecentlyUsed * 100d / trace.Count:f1} %");
        Assert.True(gain > 5, $"hit rate is {gain:f1} points above least recently used");
    }

    /// <summary>Of an entry of the trace: 100 bytes of value, a key of seven characters, bookkeeping.</summary>
    private const int Weight = 240 + (2 * 7) + 100;
}
