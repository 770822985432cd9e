using System.Net;
using System.Text;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>Backends of HTTP/2 that do what they shouldn't: a documented error or a clean abort, streams are given back, connections counted.</summary>
public sealed class MisbehavingHttp2BackendTests
{
    private const int NoError = 0;
    private const int InternalError = 2;
    private const int RefusedStream = 7;
    private const int Cancel = 8;

    [Fact]
    public async Task A_stream_reset_before_the_answer_is_an_error_and_the_connection_stays()
    {
        var calls = 0;
        await using var backend = new RawHttp2Backend((connection, id) =>
            Interlocked.Increment(ref calls) == 1 ? connection.ResetAsync(id, InternalError) : connection.AnswerAsync(id, "ok"));
        await using var gateway = await StartAsync(backend);

        await FailsAsync(gateway, "BackendConnectionFailure");
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task A_stream_reset_in_the_body_ends_the_callers_answer_and_the_connection_stays()
    {
        var calls = 0;
        await using var backend = new RawHttp2Backend(async (connection, id) =>
        {
            if (Interlocked.Increment(ref calls) > 1)
            {
                await connection.AnswerAsync(id, "ok");
                return;
            }

            await connection.SendHeadersAsync(id, end: false);
            await connection.SendDataAsync(id, "half", end: false);
            await connection.ResetAsync(id, InternalError);
        });
        await using var gateway = await StartAsync(backend);

        await BreaksOffAsync(gateway);
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task A_refused_stream_is_asked_again_because_nothing_was_done()
    {
        var calls = 0;
        await using var backend = new RawHttp2Backend((connection, id) =>
            Interlocked.Increment(ref calls) == 1 ? connection.ResetAsync(id, RefusedStream) : connection.AnswerAsync(id, "ok"));
        await using var gateway = await StartAsync(backend);

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task A_refused_stream_whose_body_went_out_is_not_sent_again()
    {
        RawHttp2Backend? backend = null;
        var calls = 0;
        backend = new(async (connection, id) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                await Until.TrueAsync(() => backend!.Received.Any(frame => frame.Type == Http2Connection.Data && frame.Payload.Length > 0));
                await connection.ResetAsync(id, RefusedStream);
            }
            else
            {
                await connection.AnswerAsync(id, "ok");
            }
        });
        await using var started = backend;
        await using var gateway = await StartAsync(backend);

        using var response = await gateway.Client.PostAsync("/echo/x", new StringContent("order"));

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("order", string.Concat(backend.Received.Where(frame => frame.Type == Http2Connection.Data).Select(frame => Encoding.ASCII.GetString(frame.Payload))));
    }

    [Fact]
    public async Task A_goodbye_before_the_answer_costs_no_request()
    {
        var calls = 0;
        await using var backend = new RawHttp2Backend((connection, id) =>
            Interlocked.Increment(ref calls) == 1 ? connection.GoAwayAsync(0, NoError) : connection.AnswerAsync(id, "ok"));
        await using var gateway = await StartAsync(backend);

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal(2, backend.Connections);
        await Until.TrueAsync(() => backend.Open == 1);
    }

    [Fact]
    public async Task A_goodbye_in_the_body_lets_the_answer_finish_and_the_next_request_connect_anew()
    {
        var calls = 0;
        await using var backend = new RawHttp2Backend(async (connection, id) =>
        {
            var first = Interlocked.Increment(ref calls) == 1;
            await connection.SendHeadersAsync(id, end: false);
            await connection.SendDataAsync(id, "whole", end: false);
            if (first)
            {
                await connection.GoAwayAsync(id, NoError);
            }

            await connection.SendDataAsync(id, " answer", end: true);
        });
        await using var gateway = await StartAsync(backend);

        Assert.Equal("whole answer", await gateway.Client.GetStringAsync("/echo/x"));
        await Until.TrueAsync(() => backend.Open == 0);
        Assert.Equal("whole answer", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal(2, backend.Connections);
    }

    [Fact]
    public async Task One_that_hangs_is_a_timeout_and_its_stream_is_canceled()
    {
        var calls = 0;
        await using var backend = new RawHttp2Backend((connection, id) =>
            Interlocked.Increment(ref calls) == 1 ? Task.CompletedTask : connection.AnswerAsync(id, "ok"));
        await using var gateway = await StartAsync(backend, "timeout-ms=\"150\"");

        await FailsAsync(gateway, "Timeout");
        await Until.TrueAsync(() => backend.Received.Any(frame => frame.Type == Http2Connection.Reset && frame.Payload[3] == Cancel));
        using var next = await gateway.GetAsync("/echo/x");
        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task One_that_hangs_in_the_body_is_let_go_with_the_caller()
    {
        await using var backend = new RawHttp2Backend(async (connection, id) =>
        {
            await connection.SendHeadersAsync(id, end: false, ("content-length", "10"));
            await connection.SendDataAsync(id, "half", end: false);
        });
        await using var gateway = await StartAsync(backend);

        using (await gateway.Client.GetAsync("/echo/x", HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(20)))
        {
            // Goes away with half an answer.
        }

        await Until.TrueAsync(() => backend.Received.Any(frame => frame.Type == Http2Connection.Reset && frame.Payload[3] == Cancel));
    }

    [Theory]
    [InlineData("closes")]
    [InlineData("resets")]
    [InlineData("garbage")]
    [InlineData("http1")]
    [InlineData("huge frame")]
    [InlineData("data before headers")]
    [InlineData("bad compression")]
    public async Task A_connection_that_is_no_good_is_an_error_and_is_closed(string how)
    {
        await using var backend = new RawHttp2Backend((connection, id) => how switch
        {
            "closes" => Task.Run(() => connection.Stream.Socket.Close()),
            "resets" => Task.Run(connection.Break),
            "garbage" => connection.WriteAsync(Garbage()),
            "http1" => connection.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
            "huge frame" => connection.WriteAsync([0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, (byte)id]),
            "data before headers" => connection.SendDataAsync(id, "data", end: true),
            _ => connection.SendAsync(Http2Connection.Headers, 5, id, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        });
        await using var gateway = await StartAsync(backend);

        await FailsAsync(gateway, "BackendConnectionFailure");

        await Until.TrueAsync(() => backend.Open == 0);
    }

    [Theory]
    [InlineData("closes")]
    [InlineData("resets")]
    [InlineData("too short")]
    [InlineData("too long")]
    public async Task An_answer_that_is_not_as_long_as_it_says_ends_the_callers_too(string how)
    {
        var headersCame = new TaskCompletionSource();
        await using var backend = new RawHttp2Backend(async (connection, id) =>
        {
            await connection.SendHeadersAsync(id, end: false, ("content-length", "10"));
            switch (how)
            {
                case "closes":
                    await connection.SendDataAsync(id, "half", end: false);
                    connection.Stream.Socket.Close();
                    break;
                case "resets":
                    await connection.SendDataAsync(id, "half", end: false);

                    // A reset overtakes what was sent before it and is not read yet.
                    await headersCame.Task.WaitAsync(connection.Stopping);
                    connection.Break();
                    break;
                case "too short":
                    await connection.SendDataAsync(id, "half", end: true);
                    break;
                default:
                    await connection.SendDataAsync(id, "more than ten bytes", end: true);
                    break;
            }
        });
        await using var gateway = await StartAsync(backend);

        await BreaksOffAsync(gateway, headersCame);
    }

    [Fact]
    public async Task Endless_headers_end()
    {
        await using var backend = new RawHttp2Backend(async (connection, id) =>
        {
            byte[] field = [.. Http2Connection.Literal("x-long", new string('a', 120))];
            await connection.SendAsync(Http2Connection.Headers, 0, id, [0x88, .. field]);
            byte[] many = [.. Enumerable.Repeat(field, 100).SelectMany(one => one)];
            while (true)
            {
                await connection.SendAsync(9, 0, id, many);
            }
        });
        await using var gateway = await StartAsync(backend);

        await FailsAsync(gateway, "BackendConnectionFailure");
        await Until.TrueAsync(() => backend.Open == 0);
    }

    [Fact]
    public async Task Slow_drips_pass_one_by_one()
    {
        using var taken = new SemaphoreSlim(0);
        await using var backend = new RawHttp2Backend(async (connection, id) =>
        {
            await connection.SendHeadersAsync(id, end: false);
            for (var i = 0; i < 20; i++)
            {
                await connection.SendDataAsync(id, "x", end: i == 19);
                await taken.WaitAsync(connection.Stopping);
            }
        });
        await using var gateway = await StartAsync(backend);
        using var response = await gateway.Client.GetAsync("/echo/x", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(1, await body.ReadAsync(new byte[10]).AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
            taken.Release();
        }

        Assert.Equal(0, await body.ReadAsync(new byte[10]).AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
    }

    /// <summary>Long enough that no frame's length makes the gateway wait for more.</summary>
    private static byte[] Garbage()
    {
        var bytes = new byte[256 * 1024];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static async Task FailsAsync(TestGateway gateway, string reason)
    {
        using var response = await gateway.GetAsync("/echo/x").WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal($"forward-request {reason}", response.Headers.GetValues("X-Why").Single());
    }

    private static async Task BreaksOffAsync(TestGateway gateway, TaskCompletionSource? headersCame = null) => await Assert.ThrowsAnyAsync<Exception>(async () =>
    {
        using var response = await gateway.Client.GetAsync("/echo/x", HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(20));
        headersCame?.SetResult();
        await response.Content.ReadAsStringAsync().WaitAsync(TimeSpan.FromSeconds(20));
    });

    private static Task<TestGateway> StartAsync(RawHttp2Backend backend, string attributes = "") => TestGateway.StartAsync(
        Entities.Api("echo", "echo", backend.Address.ToString()),
        Entities.Policy("apis/echo", $"<policies><inbound /><backend><forward-request http-version=\"2\" {attributes} /></backend><outbound /><on-error><set-header name=\"X-Why\" exists-action=\"override\"><value>@(context.LastError.Source + \" \" + context.LastError.Reason)</value></set-header></on-error></policies>"));
}
