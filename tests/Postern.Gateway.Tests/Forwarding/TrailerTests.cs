using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>Fields after the body, for callers of HTTP/1.1; both ends are plain sockets where bytes matter.</summary>
public sealed class TrailerTests
{
    private const string Summed = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n";
    private const string Announced = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n";

    [Theory]
    [InlineData(Summed, "TE: trailers\r\n")]
    [InlineData(Summed, "TE: gzip;q=0.5, Trailers\r\n")]
    [InlineData(Announced, "")]
    public async Task Trailers_follow_the_body_and_the_connection_goes_on(string answer, string accepts)
    {
        await using var backend = RawBackend.Saying(answer, close: false);
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);

        for (var i = 0; i < 3; i++)
        {
            await client.WriteAsync($"GET /echo/x HTTP/1.1\r\nHost: x\r\n{accepts}\r\n");
            var head = await client.ReadUntilAsync("\r\n\r\n");
            Assert.Contains("\r\nTransfer-Encoding: chunked\r\n", head);
            Assert.Equal(answer == Announced, head.Contains("\r\nTrailer: X-Sum\r\n", StringComparison.Ordinal));
            Assert.Equal("5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n", await client.ReadUntilAsync("0\r\nX-Sum: 42\r\n\r\n"));
        }

        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task Who_neither_asks_for_trailers_nor_hears_of_them_gets_none()
    {
        await using var backend = RawBackend.Saying(Summed, close: false);
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        var answer = await RawClient.SendAsync(gateway.Server.HttpAddress, "GET /echo/x HTTP/1.1\nHost: x\nConnection: close\n\n");

        Assert.EndsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n", answer);
    }

    [Theory]
    [InlineData("Content-Length: 9")]
    [InlineData("transfer-encoding: gzip")]
    [InlineData("Host: evil")]
    [InlineData("Set-Cookie: a=1")]
    [InlineData("Content-Type: text/html")]
    [InlineData("Trailer: X-More")]
    [InlineData("WWW-Authenticate: Basic")]
    public async Task Fields_that_frame_or_steer_a_message_are_dropped_from_trailers(string field)
    {
        await using var backend = RawBackend.Saying($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n{field}\r\nX-Sum: 1\r\n\r\n", close: false);
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        var answer = await RawClient.SendAsync(gateway.Server.HttpAddress, "GET /echo/x HTTP/1.1\nHost: x\nTE: trailers\nConnection: close\n\n");

        Assert.EndsWith("\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n", answer);
    }

    [Fact]
    public async Task A_caller_of_http_1_0_gets_the_bare_body()
    {
        await using var backend = RawBackend.Saying(Announced, close: false);
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        var answer = await RawClient.SendAsync(gateway.Server.HttpAddress, "GET /echo/x HTTP/1.0\nTE: trailers\n\n");

        Assert.EndsWith("\r\n\r\nhello", answer);
        Assert.DoesNotContain("Trailer", answer);
        Assert.DoesNotContain("chunked", answer);
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\nTrailer: X-Sum\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nTrailer: X-Sum\r\n\r\n")]
    public async Task An_answer_without_a_body_has_no_chunks(string method, string says)
    {
        await using var backend = RawBackend.Saying(says, close: false);
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);

        for (var i = 0; i < 2; i++)
        {
            await client.WriteAsync($"{method} /echo/x HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n");
            var head = await client.ReadUntilAsync("\r\n\r\n");
            Assert.StartsWith(says[..12], head);
            Assert.DoesNotContain("chunked", head);
        }
    }

    [Theory]
    [InlineData("5\r\nhello\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nX-Sum: 42\r\n")]
    [InlineData("5\r\nhello\r\nzz\r\n")]
    public async Task A_body_that_breaks_off_has_no_last_chunk(string body)
    {
        await using var backend = RawBackend.Saying($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n{body}");
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        var answer = await RawClient.SendAsync(gateway.Server.HttpAddress, "GET /echo/x HTTP/1.1\nHost: x\n\n");

        Assert.DoesNotContain("0\r\n", answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        Assert.DoesNotContain("X-Sum: 42", answer);
    }

    [Fact]
    public async Task Pieces_of_any_size_keep_their_bytes()
    {
        const int Size = 300_000;
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            context.Response.Headers.Trailer = "X-Sum";
            context.Response.Headers.TransferEncoding = "chunked";
            var bytes = new byte[Size];
            await new PatternStream(Size).ReadExactlyAsync(bytes);
            for (int at = 0, piece = 1; at < Size; at += piece, piece = piece < 9000 ? (piece * 3) + 1 : 1)
            {
                piece = Math.Min(piece, Size - at);
                await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(piece.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
                await context.Response.Body.WriteAsync(bytes.AsMemory(at, piece));
                await context.Response.Body.WriteAsync("\r\n"u8.ToArray());
                await context.Response.Body.FlushAsync();
            }

            await context.Response.Body.WriteAsync("0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n"u8.ToArray());
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        using var response = await gateway.Client.GetAsync("/echo/x", HttpCompletionOption.ResponseHeadersRead);
        await PatternStream.CheckAsync(await response.Content.ReadAsStreamAsync(), Size);

        Assert.Equal("1, 2", string.Join(", ", response.TrailingHeaders.GetValues("X-Sum")));
    }

    [Fact]
    public async Task Trailers_of_an_http_2_backend_reach_a_caller_of_http_1_1()
    {
        await using var backend = await TestBackend.StartAsync(
            async context =>
            {
                context.Response.DeclareTrailer("grpc-status");
                await context.Response.WriteAsync("message");
                context.Response.AppendTrailer("grpc-status", "0");
                context.Response.AppendTrailer("Set-Cookie", "a=1");
            },
            listen => listen.Protocols = HttpProtocols.Http2);
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Policy("apis/echo", "<policies><inbound /><backend><forward-request http-version=\"2\" /></backend><outbound /><on-error /></policies>"));

        var answer = await RawClient.SendAsync(gateway.Server.HttpAddress, "GET /echo/x HTTP/1.1\nHost: x\nConnection: close\n\n");

        Assert.Contains("\r\nTrailer: grpc-status\r\n", answer);
        Assert.EndsWith("\r\n\r\n7\r\nmessage\r\n0\r\ngrpc-status: 0\r\n\r\n", answer);
    }

    [Fact]
    public async Task A_body_that_a_policy_replaced_takes_the_trailers_with_it()
    {
        await using var backend = RawBackend.Saying(Announced, close: false);
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Policy("apis/echo", "<policies><inbound /><backend><forward-request /></backend><outbound><set-body>mine</set-body></outbound><on-error /></policies>"));

        var answer = await RawClient.SendAsync(gateway.Server.HttpAddress, "GET /echo/x HTTP/1.1\nHost: x\nTE: trailers\nConnection: close\n\n");

        Assert.Contains("\r\nContent-Length: 4\r\n", answer);
        Assert.EndsWith("\r\n\r\nmine", answer);
        Assert.DoesNotContain("X-Sum", answer);
    }

    [Fact]
    public async Task Trailers_of_an_upload_reach_the_backend()
    {
        await using var backend = new UploadBackend();
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Policy("apis/echo", "<policies><inbound><set-header name=\"X-User\" exists-action=\"override\"><value>policy</value></set-header></inbound><backend><forward-request /></backend><outbound /><on-error /></policies>"));
        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);

        for (var i = 0; i < 2; i++)
        {
            await client.WriteAsync("POST /echo/x HTTP/1.1\r\nHost: x\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 42\r\nAuthorization: evil\r\nX-User: evil\r\nX-Forwarded-Host: evil\r\nContent-Length: 3\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await client.ReadUntilAsync("\r\n\r\nok"));
            var seen = await backend.NextAsync();
            Assert.Contains("\r\nTrailer: X-Sum\r\n", seen);
            Assert.EndsWith("\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n", seen);
            Assert.DoesNotContain("evil", seen);
        }
    }

    [Fact]
    public async Task Trailers_of_an_http_2_upload_reach_the_backend()
    {
        await using var backend = new UploadBackend();
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", gateway.Server.HttpAddress.Port);
        var stream = client.GetStream();

        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(4, 0, 0, [])]);
        await stream.WriteAsync(Frame(1, 0x4, 1, [.. Field(":method", "POST"), .. Field(":scheme", "http"), .. Field(":authority", "x"), .. Field(":path", "/echo/x"), .. Field("trailer", "x-sum")]));
        await stream.WriteAsync(Frame(0, 0, 1, "hello"u8.ToArray()));
        await stream.WriteAsync(Frame(1, 0x5, 1, Field("x-sum", "42")));

        Assert.EndsWith("\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 42\r\n\r\n", await backend.NextAsync(), StringComparison.OrdinalIgnoreCase);

        static byte[] Frame(byte type, byte flags, byte id, byte[] payload) => [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, id, .. payload];
        static byte[] Field(string name, string value) => [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
    }

    /// <summary>Reads whole chunked requests and says ok.</summary>
    private sealed class UploadBackend : IAsyncDisposable
    {
        private readonly System.Threading.Channels.Channel<string> _seen = System.Threading.Channels.Channel.CreateUnbounded<string>();
        private readonly RawBackend _backend;

        public UploadBackend() => _backend = new(async (stream, request, stopping) =>
        {
            var buffer = new byte[1024];
            while (!(request.Contains("\r\n0\r\n", StringComparison.Ordinal) && request.EndsWith("\r\n\r\n", StringComparison.Ordinal)))
            {
                var read = await stream.ReadAsync(buffer, stopping);
                if (read == 0)
                {
                    break;
                }

                request += Encoding.Latin1.GetString(buffer, 0, read);
            }

            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), stopping);
            _seen.Writer.TryWrite(request);
        });

        public Uri Address => _backend.Address;

        public Task<string> NextAsync() => _seen.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        public ValueTask DisposeAsync() => _backend.DisposeAsync();
    }
}
