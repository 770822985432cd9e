using System.Buffers.Binary;
using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>HTTP/2 on both sides, as gRPC uses it: messages both ways at once, trailers, errors without a body, cancellation.</summary>
public sealed class Http2Tests
{
    [Fact]
    public async Task A_call_of_grpcs_four_kinds_passes_with_its_trailers()
    {
        await using var backend = await GrpcAsync(async context =>
        {
            Assert.Equal("HTTP/2", context.Request.Protocol);
            Assert.Equal("trailers", context.Request.Headers.TE);
            Assert.Equal("10S", context.Request.Headers["grpc-timeout"]);
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.FlushAsync();
            while (await ReadMessageAsync(context.Request.Body) is { } message)
            {
                await WriteMessageAsync(context.Response.Body, [.. message, (byte)'!']);
            }

            context.Response.AppendTrailer("grpc-status", "0");
            context.Response.AppendTrailer("grpc-message", "fine");
        });
        await using var gateway = await GatewayAsync(backend);
        using var upload = new DuplexContent();
        using var request = Call(gateway, upload);

        // Headers come before the first message is sent, and each answer before the next question: true streaming both ways.
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(10));
        await using var answers = await response.Content.ReadAsStreamAsync();
        foreach (var size in new[] { 1, 100, 200_000 })
        {
            var message = new byte[size];
            Array.Fill(message, (byte)size);
            await WriteMessageAsync(await upload.Stream, message);
            var answer = await ReadMessageAsync(answers).WaitAsync(TimeSpan.FromSeconds(10));
            Assert.Equal([.. message, (byte)'!'], answer!);
        }

        upload.Complete();
        Assert.Null(await ReadMessageAsync(answers).WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal("fine", response.TrailingHeaders.GetValues("grpc-message").Single());
    }

    [Fact]
    public async Task An_error_that_is_headers_only_stays_headers_only()
    {
        await using var backend = await GrpcAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "5";
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayAsync(backend);
        using var request = Call(gateway, new ByteArrayContent([0, 0, 0, 0, 0]));

        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal("5", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal(0, await (await response.Content.ReadAsStreamAsync()).ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Empty(response.TrailingHeaders);
    }

    [Fact]
    public async Task A_canceled_call_is_canceled_at_the_backend()
    {
        var canceled = new TaskCompletionSource();
        await using var backend = await GrpcAsync(async context =>
        {
            context.RequestAborted.Register(() => canceled.TrySetResult());
            await context.Response.Body.FlushAsync();
            await canceled.Task;
        });
        await using var gateway = await GatewayAsync(backend);
        using (var request = Call(gateway, new DuplexContent()))
        using (await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(10)))
        {
            // Disposing the response resets the stream.
        }

        await canceled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_backend_that_resets_the_stream_breaks_the_call_and_not_the_connection()
    {
        var calls = 0;
        await using var backend = await GrpcAsync(async context =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                await context.Response.WriteAsync("half");
                await context.Response.Body.FlushAsync();
                context.Abort();
                return;
            }

            await context.Response.WriteAsync("whole");
        });
        await using var gateway = await GatewayAsync(backend);

        using (var request = Call(gateway, new ByteArrayContent([])))
        {
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                using var response = await gateway.Client.SendAsync(request);
                await response.Content.ReadAsByteArrayAsync();
            });
        }

        using var again = Call(gateway, new ByteArrayContent([]));
        using var answer = await gateway.Client.SendAsync(again);
        Assert.Equal("whole", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_event_stream_is_open_before_its_first_event()
    {
        var go = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            await go.Task;
            await context.Response.WriteAsync("data: 1\n\n");
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            go = new();
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Server.HttpsAddress, "/echo/x")) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(10));
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            go.SetResult();
            Assert.Equal("data: 1\n\n", await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task The_plain_port_takes_http_2_with_prior_knowledge_beside_http_1()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync($"{context.Request.Path} {context.Request.Headers["X-Forwarded-For"]}"));
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async index =>
        {
            var version = index % 2 == 0 ? HttpVersion.Version11 : HttpVersion.Version20;
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/echo/{index}") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await gateway.Client.SendAsync(request);
            Assert.Equal(version, response.Version);
            Assert.Equal($"/{index} 127.0.0.1", await response.Content.ReadAsStringAsync());
        }));
    }

    [Theory]
    [InlineData("P")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM")]
    public async Task A_preface_that_is_cut_off_harms_nobody(string start)
    {
        await using var gateway = await TestGateway.StartAsync();
        using (var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress))
        {
            await client.WriteAsync(start);
        }

        using var probe = await gateway.GetAsync(GatewayProbes.Status);
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
    }

    private static Task<TestBackend> GrpcAsync(RequestDelegate answer) => TestBackend.StartAsync(answer, listen => listen.Protocols = HttpProtocols.Http2);

    private static Task<TestGateway> GatewayAsync(TestBackend backend) => TestGateway.StartAsync(
        Entities.Api("grpc", "grpc", backend.Address.ToString(), operations: ["POST /shop.Orders/Follow"]) with { Type = "grpc" });

    private static HttpRequestMessage Call(TestGateway gateway, HttpContent content)
    {
        content.Headers.ContentType = new("application/grpc");
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Server.HttpsAddress, "/grpc/shop.Orders/Follow"))
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TE.Add(new("trailers"));
        request.Headers.Add("grpc-timeout", "10S");
        return request;
    }

    private static async Task WriteMessageAsync(Stream stream, byte[] message)
    {
        var framed = new byte[message.Length + 5];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        await stream.WriteAsync(framed);
        await stream.FlushAsync();
    }

    private static async Task<byte[]?> ReadMessageAsync(Stream stream)
    {
        var head = new byte[5];
        var read = await stream.ReadAtLeastAsync(head, 5, throwOnEndOfStream: false);
        if (read == 0)
        {
            return null;
        }

        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
        await stream.ReadExactlyAsync(message);
        return message;
    }

    /// <summary>A body that the test goes on writing while it reads the answer.</summary>
    private sealed class DuplexContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Stream> Stream => _stream.Task;

        public void Complete() => _done.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            _stream.TrySetResult(stream);
            await _done.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _done.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
