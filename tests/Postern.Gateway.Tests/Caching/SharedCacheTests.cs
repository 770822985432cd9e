using System.Net;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;
using Postern.Testing;
using Until = Postern.Gateway.Tests.Parts.Until;

namespace Postern.Gateway.Tests.Caching;

/// <summary>Gateways with a real Redis that their configuration names.</summary>
public sealed class SharedCacheTests : IAsyncLifetime
{
    private const string Cached = """
        <policies>
          <inbound><base /><cache-lookup vary-by-developer="false" vary-by-developer-groups="false" caching-type="external" /></inbound>
          <backend><forward-request /></backend>
          <outbound><cache-store duration="60" /><base /></outbound>
        </policies>
        """;

    private RedisServer? _redis;
    private TestBackend _backend = null!;
    private int _calls;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        Assert.SkipWhen(_redis is null, "redis-server is not installed");
        _backend = await TestBackend.StartAsync(context => context.Response.WriteAsync($"answer {Interlocked.Increment(ref _calls)}"));
    }

    [Fact]
    public async Task What_one_gateway_kept_the_other_one_answers()
    {
        await using var one = await StartAsync(Redis(_redis!));
        await using var two = await StartAsync(Redis(_redis!));
        Assert.Equal("answer 1", await one.Client.GetStringAsync("/echo/x"));

        await Until.TrueAsync(async () => await two.Client.GetStringAsync("/echo/x") == "answer 1");

        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task Without_Redis_every_request_is_served_and_with_it_again_the_cache_serves()
    {
        await using var gateway = await StartAsync(Redis(_redis!));
        Assert.Equal("answer 1", await gateway.Client.GetStringAsync("/echo/x"));
        await Until.TrueAsync(async () => await gateway.Client.GetStringAsync("/echo/x") == "answer 1");

        await _redis!.KillAsync();
        for (var i = 0; i < 20; i++)
        {
            using var response = await gateway.GetAsync("/echo/x");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(21, _calls);
        await _redis.StartAnewAsync();
        await Until.TrueAsync(async () =>
        {
            var before = _calls;
            await gateway.Client.GetStringAsync("/echo/x");
            return _calls == before;
        });
    }

    [Fact]
    public async Task A_frozen_Redis_does_not_hold_up_requests()
    {
        await using var gateway = await StartAsync(Redis(_redis!));
        await gateway.Client.GetStringAsync("/echo/x");
        await _redis!.FreezeAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => gateway.Client.GetStringAsync($"/echo/{i}"))).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.All(answers, answer => Assert.StartsWith("answer", answer, StringComparison.Ordinal));
        await _redis.ThawAsync();
    }

    [Fact]
    public async Task The_cache_changes_with_the_configuration_while_requests_run()
    {
        await using var other = await RedisServer.StartAsync("Passw0rd");
        await using var gateway = await StartAsync();
        await gateway.Client.GetStringAsync("/echo/x");
        await gateway.Client.GetStringAsync("/echo/x");
        Assert.Equal(2, _calls);

        gateway.Configuration.Put(new CacheSnapshot("default", "default", $"127.0.0.1:{other!.Port},password=Passw0rd"));
        await HitsAsync(gateway, "/echo/y");
        Assert.Equal("0", await _redis!.CliAsync("dbsize"));

        // The gateway's own location is "cellar".
        gateway.Configuration.Put(new CacheSnapshot("here", "Cellar", $"127.0.0.1:{_redis.Port}"));
        await Until.TrueAsync(() => gateway.Logs.Records.Any(record => record.Event == "ExternalCacheConnected" && record.Text.Contains("'here'", StringComparison.Ordinal)));
        await HitsAsync(gateway, "/echo/z");
        Assert.NotEqual("0", await _redis.CliAsync("dbsize"));

        gateway.Configuration.Remove("caches/here", "caches/default");
        await Until.TrueAsync(async () =>
        {
            var before = _calls;
            await gateway.Client.GetStringAsync("/echo/z");
            await gateway.Client.GetStringAsync("/echo/z");
            return _calls == before + 2;
        });
        await Until.TrueAsync(async () => (await _redis.CliAsync("client", "list")).Split('\n').Length == 1);
    }

    [Fact]
    public async Task A_connection_string_that_makes_no_sense_is_told_and_costs_only_the_cache()
    {
        await using var gateway = await StartAsync(new CacheSnapshot("default", "default", "127.0.0.1:1,pasword=hidden"));

        Assert.Equal("answer 1", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal("answer 2", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Contains(gateway.Logs.Records, record => record.Text.StartsWith("G253", StringComparison.Ordinal) && !record.Text.Contains("hidden", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_of_something_else_keeps_the_connection()
    {
        await using var gateway = await StartAsync(Redis(_redis!));
        await HitsAsync(gateway, "/echo/x");
        for (var i = 0; i < 3; i++)
        {
            gateway.Configuration.Put(Entities.Api($"other{i}", $"other{i}", _backend.Address.ToString()));
            await Until.TrueAsync(async () =>
            {
                using var response = await gateway.GetAsync($"/other{i}/x");
                return response.StatusCode == HttpStatusCode.OK;
            });
        }

        Assert.Equal(1, gateway.Logs.CountOf("ExternalCacheConnected"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _backend.DisposeAsync();
            await _redis.DisposeAsync();
        }
    }

    private async Task HitsAsync(TestGateway gateway, string path) => await Until.TrueAsync(async () =>
    {
        var before = _calls;
        await gateway.Client.GetStringAsync(path);
        return _calls == before;
    });

    private static CacheSnapshot Redis(RedisServer redis) => new("default", "default", $"127.0.0.1:{redis.Port},abortConnect=False");

    private async Task<TestGateway> StartAsync(params SnapshotEntity[] more)
    {
        var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, Entities.Api("echo", "echo", _backend.Address.ToString()), Entities.Policy("apis/echo", Cached), .. more]);
        await gateway.StartServerAsync(("cache.external.timeout", "0:0:0.5"));
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        if (more is [CacheSnapshot { ConnectionString: var text }] && !text.Contains("pasword", StringComparison.Ordinal))
        {
            await Until.TrueAsync(() => gateway.Logs.CountOf("ExternalCacheConnected") == 1);
        }

        return gateway;
    }
}
