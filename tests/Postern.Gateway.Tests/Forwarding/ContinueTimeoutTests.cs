using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary><c>continue-timeout</c>: the body waits for the backend's 100 Continue.</summary>
public sealed class ContinueTimeoutTests
{
    /// <summary>The platform's client sends bodies of up to 1 KiB after a refusal too: that costs less than a connection.</summary>
    private static readonly string Long = new('x', 5000);

    [Theory]
    [InlineData("")]
    [InlineData(" buffer-request-body=\"true\"")]
    public async Task The_body_follows_when_the_backend_says_so_and_not_before(string buffered)
    {
        var seen = new TaskCompletionSource<string>();
        await using var backend = new RawBackend(async (stream, request, stopping) =>
        {
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), stopping);
            var body = new byte[5];
            await stream.ReadExactlyAsync(body, stopping);
            seen.SetResult(request + Encoding.ASCII.GetString(body));
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), stopping);
        });
        await using var gateway = await StartAsync(backend.Address, "continue-timeout=\"30\"" + buffered);
        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);

        await client.WriteAsync("POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello");

        Assert.StartsWith("HTTP/1.1 200", await client.ReadUntilAsync("\r\n\r\nok"));
        var request = await seen.Task;
        Assert.EndsWith("\r\n\r\nhello", request);
        Assert.Contains("Expect: 100-continue\r\n", request, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Content-Length: 5\r\n", request, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Content-Type: text/plain\r\n", request, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_backend_that_refuses_gets_none_of_the_body_and_the_callers_connection_goes_on()
    {
        var requests = new List<string>();
        await using var backend = new RawBackend(async (stream, request, stopping) =>
        {
            requests.Add(request);
            await stream.WriteAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!"u8.ToArray(), stopping);
        });
        await using var gateway = await StartAsync(backend.Address, "continue-timeout=\"30\"");
        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);

        for (var i = 0; i < 3; i++)
        {
            await client.WriteAsync($"POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: {Long.Length}\r\n\r\n{Long}");
            Assert.StartsWith("HTTP/1.1 413", await client.ReadUntilAsync("\r\n\r\nno!"));
        }

        Assert.Equal(3, requests.Count);
        Assert.All(requests, request =>
        {
            Assert.StartsWith("POST ", request);
            Assert.EndsWith("\r\n\r\n", request);
        });
    }

    [Fact]
    public async Task A_refusal_leaves_no_timer_behind()
    {
        var time = new LongTimers(TimeSpan.FromSeconds(54321));
        await using var backend = RawBackend.Saying("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!");
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, .. Echo(backend.Address, "continue-timeout=\"54321\"")]);
        await gateway.StartServerAsync(options => options with { Time = time });
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        using var answer = await gateway.Client.PostAsync("/echo/x", new StringContent(Long), TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal((1, 0), (time.Made, time.Waiting));
    }

    [Fact]
    public async Task A_backend_that_says_nothing_in_time_is_a_timeout()
    {
        await using var backend = new RawBackend(async (stream, _, stopping) => Assert.Equal(0, await stream.ReadAsync(new byte[1], stopping)));
        await using var gateway = await StartAsync(
            backend.Address, "continue-timeout=\"1\" timeout=\"200\"", "<set-status code=\"504\" /><set-body>@(context.LastError.Reason + \": \" + context.LastError.Message)</set-body>");

        using var answer = await gateway.Client.PostAsync("/echo/x", new StringContent("hello"), TestContext.Current.CancellationToken);

        Assert.Equal("Timeout: The backend said no 100 Continue within 1 seconds.", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await Until.TrueAsync(() => backend.Open == 0);
    }

    [Fact]
    public async Task A_request_without_a_body_asks_for_nothing()
    {
        var seen = new TaskCompletionSource<string>();
        await using var backend = new RawBackend(async (stream, request, stopping) =>
        {
            seen.SetResult(request);
            await stream.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), stopping);
        });
        await using var gateway = await StartAsync(backend.Address, "continue-timeout=\"30\"");

        using var answer = await gateway.Client.GetAsync("/echo/x", TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.NoContent, answer.StatusCode);
        Assert.DoesNotContain("Expect", await seen.Task, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Over_http2_it_waits_too()
    {
        await using var backend = await TestBackend.StartAsync(
            async context =>
            {
                var expected = context.Request.Headers.Expect.ToString();
                using var reader = new StreamReader(context.Request.Body);
                await context.Response.WriteAsync($"{context.Request.Protocol} {expected} {await reader.ReadToEndAsync()}");
            },
            listen => listen.Protocols = HttpProtocols.Http2);
        await using var gateway = await StartAsync(backend.Address, "continue-timeout=\"30\" http-version=\"2\"");

        using var answer = await gateway.Client.PostAsync(
            "/echo/x", new StringContent("hello", MediaTypeHeaderValue.Parse("text/plain")), TestContext.Current.CancellationToken);

        Assert.Equal("HTTP/2 100-continue hello", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Longer_times_than_timers_take_are_for_ever()
    {
        await using var backend = RawBackend.Saying("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
        await using var gateway = await StartAsync(backend.Address, "continue-timeout=\"2000000000\" timeout=\"2000000000\"");

        using var answer = await gateway.Client.PostAsync("/echo/x", new StringContent("hello"), TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.NoContent, answer.StatusCode);
    }

    private static Task<TestGateway> StartAsync(Uri backend, string attributes, string onError = "") => TestGateway.StartAsync(Echo(backend, attributes, onError));

    private static SnapshotEntity[] Echo(Uri backend, string attributes, string onError = "") =>
    [
        Entities.Api("echo", "echo", backend.ToString()),
        Entities.Policy("apis/echo", $"<policies><inbound /><backend><forward-request {attributes} /></backend><outbound /><on-error>{onError}</on-error></policies>"),
    ];

    /// <summary>The system's clock, which counts the timers of one length.</summary>
    private sealed class LongTimers(TimeSpan length) : TimeProvider
    {
        private int _made;
        private int _waiting;

        public int Made => Volatile.Read(ref _made);

        public int Waiting => Volatile.Read(ref _waiting);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime != length)
            {
                return timer;
            }

            Interlocked.Increment(ref _made);
            Interlocked.Increment(ref _waiting);
            return new Counted(timer, this);
        }

        private sealed class Counted(ITimer timer, LongTimers owner) : ITimer
        {
            private int _over;

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                Over();
                return timer.Change(dueTime, period);
            }

            public void Dispose()
            {
                Over();
                timer.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Over();
                return timer.DisposeAsync();
            }

            private void Over()
            {
                if (Interlocked.Exchange(ref _over, 1) == 0)
                {
                    Interlocked.Decrement(ref owner._waiting);
                }
            }
        }
    }
}
