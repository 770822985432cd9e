using System.Net;
using System.Net.Sockets;
using System.Text;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>
/// Backends of HTTP/1.1 that do what they shouldn't, met by our own transport and by the platform's (which calls through a proxy): a documented
/// error or a clean abort, and no connection is left behind.
/// </summary>
public sealed class MisbehavingBackendTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    public static TheoryData<string, string, string> Failures { get; } = Both(
        ("closes without an answer", ""),
        ("closes in the head", "HTTP/1.1 200 OK\r\nX-A:"),
        ("says hello", "HELLO\r\n\r\n"),
        ("speaks TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n"),
        ("has a status of letters", "HTTP/1.1 abc OK\r\n\r\n"),
        ("has another version", "HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ("has a header without a name", "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 0\r\n\r\n"),
        ("has two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"),
        ("codes the body twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        ("codes the body unasked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        ("codes the body in its own way", "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        ("has chunks and a length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        ("has a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok"),
        ("resets", "<reset>"),
        ("resets in the head", "HTTP/1.1 200 OK\r\n<reset>"));

    public static TheoryData<string, string, string> Aborts { get; } = Both(
        ("closes in the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
        ("closes in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nhalf"),
        ("closes before the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        ("sends a chunk without a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nhello\r\n"),
        ("sends a chunk longer than its size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf and more\r\n0\r\n\r\n"),
        ("resets in the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf<reset>"));

    public static TheoryData<string> Transports { get; } = ["ours", "platform"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task An_answer_that_is_none_is_an_error_with_its_reason(string transport, string name, string answer)
    {
        await using var backend = Playing(answer);
        await using var gateway = await StartAsync(transport, backend);

        using var response = await gateway.GetAsync("/echo/x").WaitAsync(TimeSpan.FromSeconds(20));

        Assert.True(response.StatusCode == HttpStatusCode.InternalServerError, name);
        Assert.Equal("forward-request BackendConnectionFailure", response.Headers.GetValues("X-Why").Single());

        // The platform's client had read these to their end and keeps them; that they were closed shows when they are looked at next.
        var kept = transport == "platform" && name is "has two lengths" or "has chunks and a length" or "codes the body twice" or "codes the body unasked" ? 1 : 0;
        await Until.TrueAsync(() => backend.Open <= kept);
    }

    [Theory]
    [MemberData(nameof(Aborts))]
    public async Task An_answer_that_breaks_off_ends_the_callers_too(string transport, string name, string answer)
    {
        var headersCame = new TaskCompletionSource();
        await using var backend = Playing(answer, headersCame.Task);
        await using var gateway = await StartAsync(transport, backend);

        var body = "";
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await gateway.Client.GetAsync("/echo/x", HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(20));
            headersCame.SetResult();
            body = await response.Content.ReadAsStringAsync().WaitAsync(TimeSpan.FromSeconds(20));
        });

        Assert.True(body.Length == 0, name);
        await Until.TrueAsync(() => backend.Open == 0);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task One_that_hangs_is_a_timeout_and_its_connection_is_closed(string transport)
    {
        foreach (var start in (string[])["", "HTTP/1.1 200 OK\r\nX-Drip: 1\r\n", "HTTP/1.1 100 Continue\r\n\r\n"])
        {
            await using var backend = new RawBackend(async (stream, _, stopping) =>
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes(start), stopping);
                await stream.ReadExactlyAsync(new byte[1], stopping);
            });
            await using var gateway = await StartAsync(transport, backend, "timeout-ms=\"150\"");

            using var response = await gateway.GetAsync("/echo/x").WaitAsync(TimeSpan.FromSeconds(20));

            Assert.Equal("forward-request Timeout", response.Headers.GetValues("X-Why").Single());
            await Until.TrueAsync(() => backend.Open == 0);
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task One_that_hangs_in_the_body_is_let_go_with_the_caller(string transport)
    {
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"u8.ToArray(), stopping);
            await stream.ReadExactlyAsync(new byte[1], stopping);
        });
        await using var gateway = await StartAsync(transport, backend);

        using (var response = await gateway.Client.GetAsync("/echo/x", HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(20)))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        await Until.TrueAsync(() => backend.Open == 0);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Endless_headers_end(string transport)
    {
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stopping);
            var line = Encoding.Latin1.GetBytes($"X-Long: {new string('a', 8000)}\r\n");
            while (true)
            {
                await stream.WriteAsync(line, stopping);
            }
        });
        await using var gateway = await StartAsync(transport, backend);

        using var response = await gateway.GetAsync("/echo/x").WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("forward-request BackendConnectionFailure", response.Headers.GetValues("X-Why").Single());
        await Until.TrueAsync(() => backend.Open == 0);
    }

    [Fact]
    public async Task Endless_interim_answers_end()
    {
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            while (true)
            {
                await stream.WriteAsync("HTTP/1.1 102 Processing\r\n\r\n"u8.ToArray(), stopping);
            }
        });
        await using var gateway = await StartAsync("ours", backend);

        using var response = await gateway.GetAsync("/echo/x").WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("forward-request BackendConnectionFailure", response.Headers.GetValues("X-Why").Single());
        await Until.TrueAsync(() => backend.Open == 0);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Slow_drips_pass_one_by_one(string transport)
    {
        using var taken = new SemaphoreSlim(0);
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            stream.Socket.NoDelay = true;
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"u8.ToArray(), stopping);
            for (var i = 0; i < 20; i++)
            {
                await stream.WriteAsync("x"u8.ToArray(), stopping);
                await taken.WaitAsync(stopping);
            }
        });
        await using var gateway = await StartAsync(transport, backend);
        using var response = await gateway.Client.GetAsync("/echo/x", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(1, await body.ReadAsync(new byte[10]).AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
            taken.Release();
        }

        Assert.Equal(0, await body.ReadAsync(new byte[10]).AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task What_follows_an_answer_uninvited_reaches_nobody(string transport)
    {
        await using var backend = RawBackend.Saying(Ok + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", close: false);
        await using var gateway = await StartAsync(transport, backend);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        }

        Assert.Equal(5, backend.Connections);
        await Until.TrueAsync(() => backend.Open <= 1);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Among_many_failures_no_connection_is_lost(string transport)
    {
        var requests = 0;
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            switch (Interlocked.Increment(ref requests) % 4)
            {
                case 0:
                    stream.Socket.LingerState = new(true, 0);
                    stream.Socket.Close();
                    break;
                case 1:
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"u8.ToArray(), stopping);
                    stream.Socket.Shutdown(SocketShutdown.Both);
                    break;
                case 2:
                    await stream.WriteAsync("what?\r\n\r\n"u8.ToArray(), stopping);
                    break;
                default:
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(Ok), stopping);
                    break;
            }
        });
        await using var gateway = await StartAsync(transport, backend);

        await Parallel.ForAsync(0, 80, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellation) =>
        {
            try
            {
                using var response = await gateway.Client.GetAsync("/echo/x", cancellation);
            }
            catch (HttpRequestException)
            {
                // Broke off, as it should.
            }
        });

        // Only good ones are kept, at most as many as were used at a time.
        await Until.TrueAsync(() => backend.Open <= 8);
    }

    private static RawBackend Playing(string answer, Task? beforeReset = null) => new(async (stream, _, stopping) =>
    {
        var reset = answer.EndsWith("<reset>", StringComparison.Ordinal);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(reset ? answer[..^7] : answer), stopping);
        if (reset)
        {
            // A reset overtakes what was sent before it and is not read yet.
            await (beforeReset ?? Task.CompletedTask).WaitAsync(stopping);
            stream.Socket.LingerState = new(true, 0);
            stream.Socket.Close();
        }
        else
        {
            stream.Socket.Shutdown(SocketShutdown.Send);
        }
    });

    private static async Task<TestGateway> StartAsync(string transport, RawBackend backend, string attributes = "")
    {
        var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put(
        [
            Entities.Service, Entities.Api("echo", "echo", transport == "ours" ? backend.Address.ToString() : "http://backend.example/"),
            Entities.Policy("apis/echo", $"<policies><inbound /><backend><forward-request {attributes} /></backend><outbound /><on-error><set-header name=\"X-Why\" exists-action=\"override\"><value>@(context.LastError.Source + \" \" + context.LastError.Reason)</value></set-header></on-error></policies>"),
        ]);
        await gateway.StartServerAsync(options => options with { Variable = name => transport != "ours" && name == "HTTP_PROXY" ? backend.Address.ToString() : null });
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        return gateway;
    }

    private static TheoryData<string, string, string> Both(params (string Name, string Answer)[] cases)
    {
        var data = new TheoryData<string, string, string>();
        foreach (var (name, answer) in cases)
        {
            data.Add("ours", name, answer);
            data.Add("platform", name, answer);
        }

        return data;
    }
}
