using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;
using Postern.Testing;
using Until = Postern.Gateway.Tests.Parts.Until;

namespace Postern.Gateway.Tests.Backends;

/// <summary>Pools and circuit breakers as callers and policies meet them.</summary>
public sealed class BackendEntityTests
{
    private const string Retry = """<retry condition="@(context.Response == null || context.Response.StatusCode == 429 || context.Response.StatusCode == 503)" count="2" interval="0" first-fast-retry="true"><forward-request /></retry>""";

    [Fact]
    public async Task An_open_circuit_answers_503_without_a_call_until_its_time_is_over()
    {
        var time = new ManualTime();
        await using var backend = await StatusBackend.StartAsync("b", 500);
        await using var gateway = await StartAsync(time, [.. Parts.Backends.Api("b"), Parts.Backends.Single("b", backend.Address, Parts.Backends.Rule(2))]);

        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(gateway));
        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(gateway));
        using var refused = await gateway.GetAsync("/echo/x");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("{ \"statusCode\": 503, \"message\": \"Service Unavailable\" }", await refused.Content.ReadAsStringAsync());
        Assert.Equal("application/json", refused.Content.Headers.ContentType!.ToString());
        Assert.Equal(TimeSpan.FromSeconds(60), refused.Headers.RetryAfter!.Delta);
        Assert.Equal(2, backend.Calls);

        backend.Status = 200;
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway));
        Assert.Equal(1, gateway.Logs.CountOf("CircuitBreakerOpened"));
        Assert.Equal(1, gateway.Logs.CountOf("CircuitBreakerClosed"));

        await Until.TrueAsync(() => gateway.Configuration.Events.SelectMany(batch => batch.Events).Count(IsOfCircuit) == 2);
        var events = gateway.Configuration.Events.SelectMany(batch => batch.Events).Where(IsOfCircuit).ToList();
        Assert.Equal([GatewayEventTypes.CircuitBreakerOpened, GatewayEventTypes.CircuitBreakerClosed], events.Select(one => one.Type));
        Assert.All(events, one => Assert.Equal("/backends/b/circuit-breaker/rules/rule", one.Subject));
        Assert.All(events, one => Assert.Equal("""{"backendName":"b","circuitBreaker":{"rules":{"rule":{"tripDuration":"00:01:00"}}}}""", one.Data.ToJsonString()));

        static bool IsOfCircuit(GatewayEvent one) => one.Type.Contains("CircuitBreaker", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_for_callers_can_be_chosen_and_fail_on_error_sees_it()
    {
        await using var backend = await StatusBackend.StartAsync("b", 500);
        await using var gateway = await StartAsync(new(), [
            .. Parts.Backends.Api("b", "<forward-request fail-on-error-status-code=\"true\" />"), Parts.Backends.Single("b", backend.Address, Parts.Backends.Rule(failureStatus: 429))]);

        await StatusAsync(gateway);
        using var refused = await gateway.GetAsync("/echo/x");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("BackendErrorStatusCode", refused.Headers.GetValues("X-Why").Single());
        Assert.Equal("{ \"statusCode\": 429, \"message\": \"Too Many Requests\" }", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_backend_that_does_not_answer_opens_its_circuit()
    {
        await using var gateway = await StartAsync(new(), [.. Parts.Backends.Api("b"), Parts.Backends.Single("b", new("http://127.0.0.1:1/"), Parts.Backends.Rule(2))]);

        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(gateway));
        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(gateway));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(gateway));
    }

    [Fact]
    public async Task A_backend_that_breaks_off_in_the_body_opens_its_circuit()
    {
        await using var backend = RawBackend.Saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        await using var gateway = await StartAsync(new(), [.. Parts.Backends.Api("b"), Parts.Backends.Single("b", backend.Address, Parts.Backends.Rule(2))]);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => gateway.Client.GetStringAsync("/echo/x"));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => gateway.Client.GetStringAsync("/echo/x"));

        await Until.TrueAsync(async () => await StatusAsync(gateway) == HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_retry_goes_to_the_next_group_when_the_first_throttles()
    {
        var time = new ManualTime();
        var throttled = Parts.Backends.Rule(acceptRetryAfter: true) with { Statuses = [new(429, 429)] };
        await using var first = await StatusBackend.StartAsync("first", 429, retryAfter: "7");
        await using var second = await StatusBackend.StartAsync("second", 200);
        await using var gateway = await StartAsync(time, [
            .. Parts.Backends.Api("pool", Retry), Parts.Backends.Single("first", first.Address, throttled), Parts.Backends.Single("second", second.Address, throttled),
            Parts.Backends.Pool("pool", Parts.Backends.Member("first", priority: 1), Parts.Backends.Member("second", priority: 2))]);

        Assert.Equal("second", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal("second", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal((1, 2), (first.Calls, second.Calls));

        first.Status = 200;
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal("first", await gateway.Client.GetStringAsync("/echo/x"));

        first.Status = second.Status = 429;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(gateway));
        Assert.Equal((3, 3), (first.Calls, second.Calls));
        using var all = await gateway.GetAsync("/echo/x");
        Assert.Equal(TimeSpan.FromSeconds(7), all.Headers.RetryAfter!.Delta);
        Assert.Equal((3, 3), (first.Calls, second.Calls));
    }

    [Fact]
    public async Task Members_of_a_pool_share_the_requests_and_bring_their_own_credentials()
    {
        await using var a = await StatusBackend.StartAsync("a", 200);
        await using var b = await StatusBackend.StartAsync("b", 200);
        await using var gateway = await StartAsync(new(), [
            .. Parts.Backends.Api("pool"), Parts.Backends.Single("a", a.Address) with { Headers = new Dictionary<string, IReadOnlyList<string>> { ["api-key"] = ["key-a"] } },
            Parts.Backends.Single("b", b.Address), Parts.Backends.Pool("pool", Parts.Backends.Member("a", 3), Parts.Backends.Member("b", 1))]);

        for (var i = 0; i < 8; i++)
        {
            await StatusAsync(gateway);
        }

        Assert.Equal((6, 2), (a.Calls, b.Calls));
        Assert.All(a.Keys, key => Assert.Equal("key-a", key));
        Assert.All(b.Keys, key => Assert.Equal("", key));
    }

    [Fact]
    public async Task A_session_cookie_leads_back_to_its_member_and_is_renewed_when_the_member_is_gone()
    {
        var time = new ManualTime();
        await using var a = await StatusBackend.StartAsync("a", 200);
        await using var b = await StatusBackend.StartAsync("b", 200);
        var pool = Parts.Backends.Pool("pool", Parts.Backends.Member("a"), Parts.Backends.Member("b"));
        await using var gateway = await StartAsync(time, [
            .. Parts.Backends.Api("pool"), Parts.Backends.Single("a", a.Address, Parts.Backends.Rule()), Parts.Backends.Single("b", b.Address, Parts.Backends.Rule()),
            pool with { Pool = pool.Pool! with { SessionCookie = "SessionId" } }]);

        var (member, cookie) = await SessionAsync(gateway, null);
        Assert.NotNull(cookie);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal((member, null), await SessionAsync(gateway, cookie));
        }

        (member == "a" ? a : b).Status = 500;
        await SessionAsync(gateway, cookie);
        var (other, renewed) = await SessionAsync(gateway, cookie);
        Assert.NotEqual(member, other);
        Assert.NotNull(renewed);
        Assert.Equal((other, null), await SessionAsync(gateway, renewed));
        var (_, forged) = await SessionAsync(gateway, "SessionId=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        Assert.NotNull(forged);
    }

    [Fact]
    public async Task What_was_counted_outlives_changes_of_other_things_and_not_those_of_the_backend()
    {
        var time = new ManualTime();
        await using var backend = await StatusBackend.StartAsync("b", 500);
        var entity = Parts.Backends.Single("b", backend.Address, Parts.Backends.Rule());
        await using var gateway = await StartAsync(time, [.. Parts.Backends.Api("pool"), entity, Parts.Backends.Pool("pool", Parts.Backends.Member("b"))]);
        await StatusAsync(gateway);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(gateway));

        await ApplyAsync(gateway, Entities.Api("other", "other", "http://other.example"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(gateway));
        Assert.Equal(1, backend.Calls);

        await ApplyAsync(gateway, entity with { Url = backend.Address + "moved" });
        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(gateway));
        Assert.Equal(2, backend.Calls);
    }

    [Fact]
    public async Task Expressions_see_the_pool_before_the_call_and_the_member_after_it()
    {
        await using var a = await StatusBackend.StartAsync("a", 200);
        const string Facts = "<value>@($\"{context.Backend.Id} {context.Backend.Type} {context.Backend.AzureRegion} {context.Request.Url.Port}\")</value>";
        await using var gateway = await StartAsync(new(), [
            .. Parts.Backends.Api("pool", $"<set-header name=\"X-Before\"><!----></set-header><forward-request />".Replace("<!---->", Facts, StringComparison.Ordinal), $"<set-header name=\"X-After\">{Facts}</set-header>"),
            Parts.Backends.Single("a", a.Address) with { AzureRegion = "westeurope" }, Parts.Backends.Pool("pool", Parts.Backends.Member("a"))]);

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal($"a Single westeurope {a.Address.Port}", response.Headers.GetValues("X-After").Single());
        Assert.Equal($"pool Pool  {a.Address.Port}", a.Before.Single());
    }

    private static async Task<TestGateway> StartAsync(ManualTime time, IEnumerable<SnapshotEntity> entities)
    {
        var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, .. entities]);
        await gateway.StartServerAsync(options => options with { Time = time });
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        return gateway;
    }

    private static async Task ApplyAsync(TestGateway gateway, params SnapshotEntity[] entities)
    {
        var revision = gateway.Configuration.Put(entities);
        await Until.TrueAsync(() => gateway.Server.AppliedRevision == revision);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestGateway gateway)
    {
        using var response = await gateway.GetAsync("/echo/x");
        return response.StatusCode;
    }

    private static async Task<(string Member, string? Cookie)> SessionAsync(TestGateway gateway, string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/echo/x");
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        using var response = await gateway.Client.SendAsync(request);
        return (await response.Content.ReadAsStringAsync(), response.Headers.TryGetValues("Set-Cookie", out var set) ? set.Single().Split(';')[0] : null);
    }

    /// <summary>Answers its name with a status that a test changes.</summary>
    private sealed class StatusBackend : IAsyncDisposable
    {
        private TestBackend _server = null!;
        private int _calls;

        public volatile int Status;

        public Uri Address => _server.Address;

        public int Calls => _calls;

        public ConcurrentQueue<string> Keys { get; } = [];

        public ConcurrentQueue<string> Before { get; } = [];

        public static async Task<StatusBackend> StartAsync(string name, int status, string? retryAfter = null)
        {
            var backend = new StatusBackend { Status = status };
            backend._server = await TestBackend.StartAsync(context =>
            {
                Interlocked.Increment(ref backend._calls);
                backend.Keys.Enqueue(context.Request.Headers["api-key"].ToString());
                backend.Before.Enqueue(context.Request.Headers["X-Before"].ToString());
                context.Response.StatusCode = backend.Status;
                if (retryAfter is not null)
                {
                    context.Response.Headers.RetryAfter = retryAfter;
                }

                return context.Response.WriteAsync(name);
            });
            return backend;
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
