using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Caching;

/// <summary>Responses kept in the gateway's own cache.</summary>
public sealed class ResponseCachingTests
{
    private const string Cached = """
        <policies>
          <inbound><base /><cache-lookup vary-by-developer="false" vary-by-developer-groups="false" /></inbound>
          <backend><forward-request /></backend>
          <outbound><cache-store duration="60" /><base /></outbound>
        </policies>
        """;

    [Fact]
    public async Task The_second_request_is_answered_by_the_cache_only_when_there_is_one()
    {
        var calls = 0;
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync($"answer {Interlocked.Increment(ref calls)}"));
        await using var gateway = await StartAsync(backend.Address, ("cache.internal.size", "1MiB"));
        Assert.Equal("answer 1", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal("answer 1", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal("answer 2", await gateway.Client.GetStringAsync("/echo/y"));
        await Until.TrueAsync(() => gateway.Logs.Records.Any(record => record.Text.Contains("cache: hit", StringComparison.Ordinal)));

        await using var without = await StartAsync(backend.Address);
        Assert.Equal("answer 3", await without.Client.GetStringAsync("/echo/x"));
        Assert.Equal("answer 4", await without.Client.GetStringAsync("/echo/x"));
    }

    [Fact]
    public async Task Of_many_requests_that_miss_at_once_one_goes_to_the_backend()
    {
        var calls = 0;
        var release = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            Interlocked.Increment(ref calls);
            await release.Task;
            await context.Response.WriteAsync("made once");
        });
        await using var gateway = await StartAsync(backend.Address, ("cache.internal.size", "1MiB"));
        var requests = Enumerable.Range(0, 40).Select(_ => gateway.Client.GetStringAsync("/echo/x")).ToList();
        await Until.TrueAsync(() => Volatile.Read(ref calls) == 1);

        release.SetResult();
        var answers = await Task.WhenAll(requests);

        Assert.All(answers, answer => Assert.Equal("made once", answer));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Requests_that_wait_in_vain_go_to_the_backend_themselves()
    {
        var calls = 0;
        var release = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            Interlocked.Increment(ref calls);
            await release.Task;
            context.Response.StatusCode = 503;
            await context.Response.WriteAsync("not now");
        });
        await using var gateway = await StartAsync(backend.Address, ("cache.internal.size", "1MiB"));
        var requests = Enumerable.Range(0, 5).Select(_ => gateway.GetAsync("/echo/x")).ToList();
        await Until.TrueAsync(() => Volatile.Read(ref calls) == 1);

        release.SetResult();
        var answers = await Task.WhenAll(requests);

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode));
        Assert.Equal(5, calls);
    }

    [Fact]
    public async Task A_caller_who_leaves_does_not_leave_the_others_waiting()
    {
        var calls = 0;
        var first = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                first.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return;
            }

            await context.Response.WriteAsync("second");
        });
        await using var gateway = await StartAsync(backend.Address, ("cache.internal.size", "1MiB"));
        using var leave = new CancellationTokenSource();
        var leaving = gateway.Client.GetStringAsync("/echo/x", leave.Token);
        await first.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var waiting = gateway.Client.GetStringAsync("/echo/x");

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.Equal("second", await waiting.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    public async Task A_response_that_broke_off_is_not_kept(string broken)
    {
        var answers = new ConcurrentQueue<string>([broken, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"]);
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            Assert.True(answers.TryDequeue(out var answer));
            await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(answer), stopping);
            stream.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        });
        await using var gateway = await StartAsync(backend.Address, ("cache.internal.size", "1MiB"));
        using (var response = await gateway.GetAsync("/echo/x"))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        }

        Assert.Equal("whole", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal("whole", await gateway.Client.GetStringAsync("/echo/x"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_response_beyond_the_largest_size_streams_through_unkept(bool declared)
    {
        var calls = 0;
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            Interlocked.Increment(ref calls);
            context.Response.ContentLength = declared ? 3_000_000 : null;
            for (var i = 0; i < 3; i++)
            {
                await context.Response.Body.WriteAsync(Enumerable.Repeat((byte)('a' + i), 1_000_000).ToArray());
            }
        });
        await using var gateway = await StartAsync(backend.Address, ("cache.internal.size", "64MiB"), ("cache.value.max-size", "1500000"));
        for (var i = 0; i < 2; i++)
        {
            var body = await gateway.Client.GetByteArrayAsync("/echo/x");
            Assert.Equal(3_000_000, body.Length);
            Assert.Equal(("a", "b", "c"), ($"{(char)body[999_999]}", $"{(char)body[1_999_999]}", $"{(char)body[^1]}"));
        }

        Assert.Equal(2, calls);
    }

    private static async Task<TestGateway> StartAsync(Uri backend, params (string Name, string Value)[] settings)
    {
        var gateway = await TestGateway.PrepareAsync();
        SnapshotEntity[] entities = [Entities.Service, Entities.Api("echo", "echo", backend.ToString()), Entities.Policy("apis/echo", Cached)];
        gateway.Configuration.Put(entities);
        await gateway.StartServerAsync(settings);
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        return gateway;
    }
}
