using System.Net;
using System.Net.Sockets;
using System.Text;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding.Http1;

/// <summary>Connections to backends are kept, never mixed up, and given up when they can't be trusted.</summary>
public sealed class KeptConnectionTests
{
    [Fact]
    public async Task Requests_after_each_other_share_one_connection()
    {
        await using var backend = Answering(request => $"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{request.Split(' ')[1][^1]}");
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal($"{i}", await gateway.Client.GetStringAsync($"/echo/{i}"));
        }

        Assert.Equal(1, backend.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nmore")]
    public async Task A_connection_with_something_left_or_announced_to_end_is_not_used_again(string answer)
    {
        await using var backend = Answering(_ => answer);
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));

        Assert.Equal(2, backend.Connections);
    }

    [Fact]
    public async Task A_kept_connection_that_the_backend_closed_costs_no_request()
    {
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), stopping);
            stream.Socket.Shutdown(SocketShutdown.Both);
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
            await Until.TrueAsync(() => backend.Open == 0);
            using var posted = await gateway.Client.PostAsync("/echo/x", new StringContent("body"));
            Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        }
    }

    [Fact]
    public async Task A_request_that_got_half_an_answer_is_not_sent_again()
    {
        var requests = 0;
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            var first = Interlocked.Increment(ref requests) == 1;
            await stream.WriteAsync(Encoding.Latin1.GetBytes(first ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" : "HTTP/1.1 2"), stopping);
            if (!first)
            {
                stream.Socket.Shutdown(SocketShutdown.Both);
            }
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        using var broken = await gateway.GetAsync("/echo/x");

        Assert.Equal(HttpStatusCode.InternalServerError, broken.StatusCode);
        Assert.Equal(2, requests);
    }

    [Fact]
    public async Task Interim_answers_are_skipped()
    {
        await using var backend = Answering(_ =>
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
        Assert.False(response.Headers.Contains("Link"));
    }

    [Fact]
    public async Task A_body_without_a_length_ends_with_the_connection()
    {
        await using var backend = RawBackend.Saying("HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nall of it");
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        Assert.Equal("all of it", await gateway.Client.GetStringAsync("/echo/x"));
    }

    [Fact]
    public async Task Chunks_arrive_whole_however_they_are_cut_and_trailers_follow()
    {
        const string Answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4;x=1\r\nWiki\r\n6\r\npedia \r\nB\r\nin\r\n chunks\r\n0\r\nX-Sum: 42\r\n\r\n";
        foreach (var size in new[] { 1, 3, 7, 1000 })
        {
            await using var backend = new RawBackend(async (stream, _, stopping) =>
            {
                stream.Socket.NoDelay = true;
                for (var at = 0; at < Answer.Length; at += size)
                {
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(Answer[at..Math.Min(at + size, Answer.Length)]), stopping);
                }
            });
            await using var gateway = await TestGateway.ToAsync(backend.Address);

            for (var i = 0; i < 2; i++)
            {
                // Trailers exist towards callers of HTTP/2 only.
                using var response = await gateway.Client.SendAsync(new(HttpMethod.Get, new Uri(gateway.Server.HttpsAddress, "/echo/x")) { Version = HttpVersion.Version20 });
                Assert.Equal("Wikipedia in\r\n chunks", await response.Content.ReadAsStringAsync());
                Assert.Equal("42", response.TrailingHeaders.GetValues("X-Sum").Single());
            }

            Assert.Equal(1, backend.Connections);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA\u00e4: 1\r\n\r\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n folded\r\n\r\nok")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")]
    public async Task An_answer_that_can_be_read_two_ways_is_a_500(string answer)
    {
        await using var backend = RawBackend.Saying(answer);
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task A_backend_may_answer_before_the_request_is_whole()
    {
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            await stream.WriteAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!"u8.ToArray(), stopping);
            stream.Socket.Shutdown(SocketShutdown.Send);
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", gateway.Server.HttpAddress.Port);
        var stream = tcp.GetStream();

        await stream.WriteAsync("POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nbegin"u8.ToArray());
        var answer = new StringBuilder();
        var buffer = new byte[1024];
        while (!answer.ToString().EndsWith("no!", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            Assert.NotEqual(0, read);
            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        Assert.StartsWith("HTTP/1.1 413", answer.ToString());
    }

    [Fact]
    public async Task Answers_of_many_callers_at_once_are_never_mixed_up()
    {
        await using var backend = Answering(request =>
        {
            var path = request.Split(' ')[1];
            return path.Contains('c', StringComparison.Ordinal)
                ? $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{path.Length:x}\r\n{path}\r\n0\r\n\r\n"
                : $"HTTP/1.1 200 OK\r\nContent-Length: {path.Length}\r\n\r\n{path}";
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        await Parallel.ForEachAsync(Enumerable.Range(0, 400), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, stop) =>
        {
            var path = (i % 3) switch { 0 => $"/c{i}", 1 => $"/l{i}", _ => $"/l{i}{new string('x', i)}" };
            Assert.Equal(path, await gateway.Client.GetStringAsync($"/echo{path}", stop));
        });

        Assert.InRange(backend.Connections, 1, 32);
    }

    private static RawBackend Answering(Func<string, string> answer) =>
        new((stream, request, stopping) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer(request)), stopping).AsTask());
}
