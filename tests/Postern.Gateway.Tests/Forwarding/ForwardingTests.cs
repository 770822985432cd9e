using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

public sealed class ForwardingTests
{
    [Fact]
    public async Task A_request_reaches_the_backend_and_its_answer_comes_back()
    {
        await using var backend = await TestBackend.StartAsync(context =>
        {
            context.Response.Headers["X-Seen"] = $"{context.Request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget} {context.Request.Host} {context.Request.Headers["X-Forwarded-For"]}";
            return context.Response.WriteAsync("hello");
        });
        await using var gateway = await TestGateway.StartAsync(Entities.Api("echo", "echo", backend.Address + "base/"));

        using var response = await gateway.GetAsync("/echo/a%2fb/%7Ec?x=1%202");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal($"GET /base/a%2Fb/~c?x=1%202 {backend.Address.Authority} 127.0.0.1", response.Headers.GetValues("X-Seen").Single());
    }

    [Fact]
    public async Task Headers_of_one_connection_end_at_the_gateway_in_both_directions()
    {
        var seen = new TaskCompletionSource<string>();
        await using var backend = new RawBackend(async (stream, request, stopping) =>
        {
            seen.TrySetResult(request);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive, X-Private\r\nX-Private: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nX-Public: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nok"u8.ToArray(), stopping);
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
        await client.WriteAsync("""
            GET /echo/x HTTP/1.1
            Host: gateway.example
            Connection: X-Drop
            X-Drop: 1
            X-Keep: 2
            Keep-Alive: 300
            Proxy-Connection: keep-alive
            Proxy-Authorization: Basic eDp5
            TE: trailers, deflate
            Upgrade: h2c
            X-Forwarded-For: 10.0.0.1


            """.ReplaceLineEndings("\r\n"));
        var answer = await client.ReadUntilAsync("\r\n\r\nok");

        var request = await seen.Task;
        Assert.Contains("\r\nX-Keep: 2\r\n", request);
        Assert.Contains("\r\nTE: trailers\r\n", request);
        Assert.Contains("\r\nX-Forwarded-For: 10.0.0.1, 127.0.0.1\r\n", request);
        Assert.Contains($"\r\nHost: {backend.Address.Authority}\r\n", request);
        foreach (var dropped in new[] { "X-Drop", "Keep-Alive", "Proxy-", "Upgrade", "gateway.example", "deflate" })
        {
            Assert.DoesNotContain(dropped, request);
        }

        Assert.Contains("\r\nX-Public: 2\r\n", answer);
        Assert.Contains("\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n", answer);
        Assert.EndsWith("\r\n\r\nok", answer);
        foreach (var dropped in new[] { "X-Private", "Keep-Alive", "Proxy-Authenticate" })
        {
            Assert.DoesNotContain(dropped, answer);
        }
    }

    [Fact]
    public async Task Bytes_of_header_values_pass_unchanged()
    {
        await using var backend = await TestBackend.StartAsync(
            context => { context.Response.Headers["X-Back"] = context.Request.Headers["X-Name"]; return Task.CompletedTask; },
            listen => { listen.KestrelServerOptions.RequestHeaderEncodingSelector = _ => Encoding.Latin1; listen.KestrelServerOptions.ResponseHeaderEncodingSelector = _ => Encoding.Latin1; });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        var answer = await RawClient.SendAsync(gateway.Server.HttpAddress, "GET /echo/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Name: caf\u00c3\u00a9 \u00ff\r\n\r\n");

        Assert.Contains("X-Back: caf\u00c3\u00a9 \u00ff\r\n", answer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fifty_megabytes_stream_both_ways_in_little_memory(bool chunked)
    {
        const int Size = 50 * 1024 * 1024;
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            await PatternStream.CheckAsync(context.Request.Body, Size);
            if (!chunked)
            {
                context.Response.ContentLength = Size;
            }

            await new PatternStream(Size).CopyToAsync(context.Response.Body);
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo/x") { Content = new StreamContent(new PatternStream(Size)) };
        request.Headers.TransferEncodingChunked = chunked;
        if (!chunked)
        {
            request.Content.Headers.ContentLength = Size;
        }

        GC.Collect();
        var before = GC.GetTotalMemory(true);
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var sent = GC.GetTotalMemory(true) - before;
        await PatternStream.CheckAsync(await response.Content.ReadAsStreamAsync(), Size);
        var received = GC.GetTotalMemory(true) - before;

        Assert.Equal(chunked ? null : Size, response.Content.Headers.ContentLength);
        Assert.True(sent < 16 * 1024 * 1024 && received < 16 * 1024 * 1024, $"{sent} and {received} bytes were held.");
    }

    [Fact]
    public async Task Each_piece_is_passed_on_as_it_comes()
    {
        var go = new SemaphoreSlim(0);
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 3; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n");
                await context.Response.Body.FlushAsync();
                await go.WaitAsync();
            }
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        using var response = await gateway.Client.GetAsync("/echo/x", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"data: {i}", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
            Assert.Equal("", await reader.ReadLineAsync());
            go.Release();
        }

        Assert.Null(await reader.ReadLineAsync());
    }

    [Fact]
    public async Task A_caller_that_goes_away_cancels_the_backends_request()
    {
        var arrived = new TaskCompletionSource();
        var canceled = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            context.RequestAborted.Register(() => canceled.TrySetResult());
            arrived.TrySetResult();
            await canceled.Task;
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        using var leaving = new CancellationTokenSource();

        var request = gateway.Client.GetAsync("/echo/x", leaving.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await canceled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_caller_that_goes_away_mid_body_cancels_the_backends_answer()
    {
        var canceled = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            context.RequestAborted.Register(() => canceled.TrySetResult());
            var piece = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(piece);
            }
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        using (var response = await gateway.Client.GetAsync("/echo/x", HttpCompletionOption.ResponseHeadersRead))
        {
            await using var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[1024 * 1024]);
        }

        await canceled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")]
    public async Task A_backend_that_breaks_off_mid_body_breaks_the_callers_connection(string answer)
    {
        await using var backend = RawBackend.Saying(answer);
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        await Assert.ThrowsAsync<HttpRequestException>(() => gateway.GetAsync("/echo/x"));
        await Until.TrueAsync(() => backend.Open == 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("HTTP/1.1 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task A_backend_that_does_not_speak_http_is_a_500_with_an_activity_id(string answer)
    {
        await using var backend = RawBackend.Saying(answer);
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Matches("^\\{ \"statusCode\": 500, \"message\": \"Internal server error\", \"activityId\": \"[0-9a-f-]{36}\" \\}$", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_backend_that_is_not_there_is_a_500()
    {
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var gateway = await TestGateway.StartAsync(Entities.Api("echo", "echo", $"http://127.0.0.1:{((IPEndPoint)free.LocalEndPoint!).Port}"));

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task An_api_without_a_backend_is_a_500()
    {
        await using var gateway = await TestGateway.StartAsync(Entities.Api("echo", "echo"));

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task Head_and_bodyless_statuses_keep_their_headers_and_the_connection()
    {
        await using var backend = new RawBackend(async (stream, request, stopping) => await stream.WriteAsync(Encoding.Latin1.GetBytes(
            request.StartsWith("HEAD", StringComparison.Ordinal) ? "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nX-A: 1\r\n\r\n"
            : request.Contains("/204", StringComparison.Ordinal) ? "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"
            : request.Contains("/304", StringComparison.Ordinal) ? "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nX-A: 1\r\n\r\n"
            : "HTTP/1.1 200 Fine\r\nContent-Length: 0\r\nX-A: 1\r\n\r\n"), stopping));
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        foreach (var (method, path, status, length) in new[] { ("HEAD", "/echo/x", 200, (long?)1234), ("GET", "/echo/204", 204, null), ("GET", "/echo/304", 304, null), ("GET", "/echo/0", 200, 0) })
        {
            using var response = await gateway.Client.SendAsync(new(new HttpMethod(method), path));
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal("1", response.Headers.GetValues("X-A").Single());
            if (length is not null)
            {
                Assert.Equal(length, response.Content.Headers.ContentLength);
            }

            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
            Assert.Equal(path == "/echo/0" ? "Fine" : response.ReasonPhrase, response.ReasonPhrase);
        }

        Assert.Equal(1, backend.Connections);
    }

    [Theory]
    [InlineData("POST", "", "Content-Length: 0")]
    [InlineData("POST", "abc", "Content-Length: 3")]
    [InlineData("DELETE", "abc", "Content-Length: 3")]
    [InlineData("GET", "abc", "Content-Length: 3")]
    public async Task A_body_keeps_its_length(string method, string body, string header)
    {
        var seen = new TaskCompletionSource<string>();
        await using var backend = new RawBackend(async (stream, request, stopping) =>
        {
            seen.TrySetResult(request);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), stopping);
            stream.Socket.Shutdown(SocketShutdown.Send);
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        using var response = await gateway.Client.SendAsync(new(new HttpMethod(method), "/echo/x") { Content = new StringContent(body) });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains($"\r\n{header}\r\n", await seen.Task);
    }

    [Fact]
    public async Task A_get_without_a_body_gets_none()
    {
        var seen = new TaskCompletionSource<string>();
        await using var backend = new RawBackend(async (stream, request, stopping) =>
        {
            seen.TrySetResult(request);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stopping);
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        using var response = await gateway.GetAsync("/echo/x");

        Assert.DoesNotContain("Content-Length", await seen.Task);
        Assert.DoesNotContain("Transfer-Encoding", await seen.Task);
    }

    [Fact]
    public async Task A_caller_that_expects_100_gets_it_when_the_body_is_wanted()
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{await reader.ReadToEndAsync()} {context.Request.Headers.Expect}");
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);

        await client.WriteAsync("POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100 Continue", await client.ReadUntilAsync("\r\n\r\n"));
        await client.WriteAsync("hello");

        Assert.Contains("hello ", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Answers_of_a_backend_over_tls_come_from_a_trusted_certificate_only()
    {
        await using var prepared = await TestGateway.PrepareAsync();
        await using var trusted = await TestBackend.StartAsync(context => context.Response.WriteAsync("trusted"), listen => listen.UseHttps(prepared.Certificates.IssueLoopback()));
        await using var foreign = await TestBackend.StartAsync(context => context.Response.WriteAsync("foreign"), listen => listen.UseHttps(prepared.Certificates.IssueServer("elsewhere.example")));
        prepared.Configuration.Put([Entities.Service, Entities.Api("a", "a", trusted.Address.ToString()), Entities.Api("b", "b", foreign.Address.ToString())]);
        await prepared.StartServerAsync();
        await prepared.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("trusted", await prepared.Client.GetStringAsync("/a/x"));
        using var refused = await prepared.GetAsync("/b/x");
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
    }

    [Fact]
    public async Task The_https_listener_serves_http_1_and_2_with_the_default_certificate()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var response = await gateway.Client.SendAsync(new(HttpMethod.Get, new Uri(gateway.Server.HttpsAddress, "/echo/x")) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
            Assert.Equal(version, response.Version);
            Assert.Equal("ok", await response.Content.ReadAsStringAsync());
        }
    }
}
