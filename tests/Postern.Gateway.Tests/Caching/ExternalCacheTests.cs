using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Caching;
using Postern.Gateway.Caching.Redis;
using Postern.Gateway.Tests.Parts;
using Postern.Hosting.Tls;
using Postern.Snapshots.Redis;
using Postern.Snapshots;
using Postern.Testing;
using Until = Postern.Gateway.Tests.Parts.Until;

namespace Postern.Gateway.Tests.Caching;

/// <summary>The client and a real Redis.</summary>
public sealed class ExternalCacheTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    /// <summary>For tests that are not about the limit: the machine may be busy.</summary>
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(10);

    private readonly CapturedLogs _logs = new();
    private readonly List<ExternalCache> _caches = [];

    [Fact]
    public async Task Values_come_back_as_they_went_and_expire_and_go()
    {
        await using var redis = await StartAsync();
        var cache = await ConnectedAsync($"127.0.0.1:{redis.Port},defaultDatabase=2,name=edge");
        byte[] value = [0, 1, 13, 10, 255];
        await cache.SetAsync("ключ", value, Minute, default);
        Assert.Equal(value, await cache.GetAsync("ключ", default));
        Assert.Null(await cache.GetAsync("other", default));
        Assert.Equal("test/ключ", await redis.CliAsync("-n", "2", "keys", "*"));
        Assert.InRange(int.Parse(await redis.CliAsync("-n", "2", "ttl", "test/ключ"), System.Globalization.CultureInfo.InvariantCulture), 50, 60);

        await cache.RemoveAsync("ключ", default);
        Assert.Null(await cache.GetAsync("ключ", default));

        await cache.SetAsync("short", value, TimeSpan.FromMilliseconds(1), default);
        await Until.TrueAsync(async () => await cache.GetAsync("short", default) is null);
    }

    [Fact]
    public async Task A_large_value_fits_and_a_larger_one_is_neither_stored_nor_read()
    {
        await using var redis = await StartAsync();
        var cache = await ConnectedAsync($"127.0.0.1:{redis.Port}", largest: 1_000_000);
        var large = new byte[1_000_000];
        Random.Shared.NextBytes(large);
        await cache.SetAsync("large", large, Minute, default);
        Assert.Equal(large, await cache.GetAsync("large", default));

        await cache.SetAsync("larger", new byte[1_000_001], Minute, default);
        Assert.Equal("0", await redis.CliAsync("exists", "test/larger"));

        // Somebody else may write there.
        await redis.CliAsync("setrange", "test/foreign", "50000000", "x");
        Assert.Null(await cache.GetAsync("foreign", default));
        await redis.CliAsync("lpush", "test/list", "x");
        Assert.Null(await cache.GetAsync("list", default));
        Assert.True(cache.IsConnected);
    }

    [Fact]
    public async Task Many_at_once_share_the_connection_and_get_their_own_answers()
    {
        await using var redis = await StartAsync();
        var cache = await ConnectedAsync($"127.0.0.1:{redis.Port}");
        await Parallel.ForAsync(0, 2_000, async (i, cancellation) =>
        {
            var value = Encoding.UTF8.GetBytes($"value {i}");
            await cache.SetAsync($"k{i}", value, Minute, cancellation);
            Assert.Equal(value, await cache.GetAsync($"k{i}", cancellation));
        });

        Assert.Contains("connected_clients:2", await redis.CliAsync("info", "clients"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_password_is_needed_and_never_shown()
    {
        await using var redis = await StartAsync("right-Password1");
        var cache = await ConnectedAsync($"127.0.0.1:{redis.Port},password=right-Password1");
        await cache.SetAsync("a", [1], Minute, default);
        Assert.Equal([1], await cache.GetAsync("a", default));
        await ConnectedAsync($"127.0.0.1:{redis.Port},user=default,password=right-Password1");

        var wrong = Open($"127.0.0.1:{redis.Port},password=wrong-Password2");
        await Until.TrueAsync(() => _logs.Records.Any(record => record.Event == "ExternalCacheLost" && record.Text.Contains("WRONGPASS", StringComparison.Ordinal)));
        Assert.Null(await wrong.GetAsync("a", default));
        Assert.DoesNotContain(_logs.Records, record => record.Text.Contains("Password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TLS_is_spoken_with_those_whose_certificate_is_trusted()
    {
        using var folder = new TemporaryFolder();
        var certificates = DevelopmentCertificates.LoadOrCreate(folder.In("ca"), TimeProvider.System);
        using var certificate = certificates.IssueLoopback();
        File.WriteAllText(folder.In("redis.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(folder.In("redis.key"), System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!.ExportPkcs8PrivateKeyPem());
        await using var redis = await StartAsync(tls: (folder.In("redis.pem"), folder.In("redis.key"), certificates.CaFile));

        var cache = await ConnectedAsync($"localhost:{redis.Port},ssl=True,abortConnect=False", roots: TrustedRoots.FromPath(certificates.CaFile));
        await cache.SetAsync("a", new byte[300_000], Minute, default);
        Assert.Equal(300_000, (await cache.GetAsync("a", default))!.Length);

        Open($"localhost:{redis.Port},ssl=True");
        await Until.TrueAsync(() => _logs.Records.Any(record => record.Event == "ExternalCacheLost" && record.Text.Contains("certificate", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_server_that_dies_is_missed_at_once_and_found_again()
    {
        await using var redis = await StartAsync();
        var cache = await ConnectedAsync($"127.0.0.1:{redis.Port}");
        await cache.SetAsync("a", [1], Minute, default);
        Assert.Equal([1], await cache.GetAsync("a", default));

        await redis.KillAsync();
        await Until.TrueAsync(() => !cache.IsConnected);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Null(await cache.GetAsync("a", default));
            await cache.SetAsync("a", [1], Minute, default);
        }

        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2), "misses without a connection must not wait");
        await Assert.ThrowsAsync<IOException>(() => cache.RemoveAsync("a", default).AsTask());

        await redis.StartAnewAsync();
        await Until.TrueAsync(() => cache.IsConnected);
        await cache.SetAsync("a", [2], Minute, default);
        Assert.Equal([2], await cache.GetAsync("a", default));
        Assert.Equal(2, _logs.CountOf("ExternalCacheConnected"));
        Assert.InRange(_logs.CountOf("ExternalCacheLost"), 1, 3);
    }

    [Fact]
    public async Task A_server_that_freezes_costs_one_short_wait_and_is_used_again_when_it_thaws()
    {
        await using var redis = await StartAsync();
        var cache = Open($"127.0.0.1:{redis.Port}", timeout: Limit);
        await Until.TrueAsync(() => cache.IsConnected);
        await cache.SetAsync("a", [1], Minute, default);
        await Until.TrueAsync(async () => await cache.GetAsync("a", default) is [1]);

        await redis.FreezeAsync();
        var began = Stopwatch.GetTimestamp();
        Assert.Null(await cache.GetAsync("a", default));
        var first = Stopwatch.GetElapsedTime(began);
        began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(await cache.GetAsync("a", default));
        }

        var others = Stopwatch.GetElapsedTime(began);
        await redis.ThawAsync();

        // The limit is 50 ms; the rest is what a loaded machine may add. That all others together wait less shows that they don't wait.
        Assert.InRange(first.TotalMilliseconds, 45, 1_000);
        Assert.True(others.TotalMilliseconds < 2_000, $"100 look-ups waited {others.TotalMilliseconds} ms");
        await Until.TrueAsync(async () => await cache.GetAsync("a", default) is [1]);
        Assert.Equal(1, _logs.CountOf("ExternalCacheSlow"));
    }

    [Fact]
    public async Task The_wait_for_an_answer_is_as_long_as_the_setting_says()
    {
        var time = new ManualTime();
        await using var mute = new ScriptedRedis(request => request.Contains("GETRANGE", StringComparison.Ordinal) ? null : "+OK\r\n");
        var cache = Open($"127.0.0.1:{mute.Port}", time: time, timeout: Limit);
        await Until.TrueAsync(() => cache.IsConnected);
        var waiting = cache.GetAsync("a", default).AsTask();
        await Until.TrueAsync(() => time.Waiting > 0);

        time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Null(await waiting.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_server_that_stays_silent_is_left_for_a_new_connection()
    {
        var time = new ManualTime();
        await using var mute = new ScriptedRedis(request => request.Contains("GETRANGE", StringComparison.Ordinal) ? ScriptedRedis.NeverAgain : "+OK\r\n");
        var cache = Open($"127.0.0.1:{mute.Port}", time: time, timeout: Limit);
        await Until.TrueAsync(() => cache.IsConnected);
        var waiting = cache.GetAsync("a", default).AsTask();
        await Until.TrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
            return mute.Connections == 2;
        });
        Assert.Null(await waiting);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("*2\r\n$1\r\na\r\n$1\r\nb\r\n")]
    [InlineData("$9999999999\r\n")]
    [InlineData("+OK\r\n+OK\r\n+OK\r\n")]
    public async Task A_server_that_speaks_otherwise_is_a_miss_and_is_left(string nonsense)
    {
        await using var server = new ScriptedRedis(request => request.Contains("GETRANGE", StringComparison.Ordinal) ? nonsense : "+OK\r\n");
        var cache = Open($"127.0.0.1:{server.Port}");
        await Until.TrueAsync(() => cache.IsConnected);

        Assert.Null(await cache.GetAsync("a", default));

        await Until.TrueAsync(() => server.Connections >= 2);
    }

    [Fact]
    public async Task The_next_endpoint_is_taken_when_one_is_dead_or_a_replica()
    {
        await using var redis = await StartAsync();
        await using var replica = new ScriptedRedis(request =>
            request.Contains("SET", StringComparison.Ordinal) ? "-READONLY You can't write against a read only replica.\r\n" : "+OK\r\n");
        var cache = Open($"127.0.0.1:{DeadPort()},127.0.0.1:{replica.Port},127.0.0.1:{redis.Port},connectTimeout=1000");
        await Until.TrueAsync(async () =>
        {
            await cache.SetAsync("a", [1], Minute, default);
            return await cache.GetAsync("a", default) is [1];
        });
    }

    [Fact]
    public async Task A_server_that_is_away_is_not_overrun_with_attempts()
    {
        var time = new ManualTime();
        var attempts = 0;
        await using var closing = new ScriptedRedis(_ =>
        {
            Interlocked.Increment(ref attempts);
            return ScriptedRedis.Close;
        });
        var cache = Open($"127.0.0.1:{closing.Port}", time: time);
        var began = time.GetUtcNow();
        await Until.TrueAsync(async () =>
        {
            // Time goes on only while the link waits, so the attempts of ten minutes are counted, however slow this machine is.
            if (time.Waiting > 0)
            {
                time.Advance(TimeSpan.FromSeconds(5));
            }

            await Task.Yield();
            return time.GetUtcNow() - began > TimeSpan.FromMinutes(10);
        });

        // Doubling pauses up to 30 seconds, scattered down to half of that.
        Assert.InRange(Volatile.Read(ref attempts), 10, 60);
        Assert.Null(await cache.GetAsync("a", default));
        Assert.InRange(_logs.CountOf("ExternalCacheLost"), 1, 3);
    }

    public void Dispose() => _caches.ForEach(cache => cache.Dispose());

    private static async Task<RedisServer> StartAsync(string? password = null, (string, string, string)? tls = null)
    {
        var redis = await RedisServer.StartAsync(password, tls);
        Assert.SkipWhen(redis is null, "redis-server is not installed");
        return redis!;
    }

    private ExternalCache Open(string connection, TrustedRoots? roots = null, int largest = 2_000_000, TimeProvider? time = null, TimeSpan? timeout = null)
    {
        time ??= TimeProvider.System;
        using var logging = LoggerFactory.Create(logging => logging.AddProvider(_logs));
        var snapshot = new CacheSnapshot("default", "default", connection);
        var cache = new ExternalCache(
            snapshot, RedisConnectionString.Parse(connection), "test/", roots ?? TrustedRoots.System, timeout ?? Patient, largest, time,
            new(logging.CreateLogger("cache"), null, "default", time));
        _caches.Add(cache);
        cache.Start();
        return cache;
    }

    private async Task<ExternalCache> ConnectedAsync(string connection, TrustedRoots? roots = null, int largest = 2_000_000)
    {
        var cache = Open(connection, roots, largest);
        await Until.TrueAsync(() => cache.IsConnected);
        return cache;
    }

    private static int DeadPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
