using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Listening;

/// <summary>What is beyond a limit is refused with the status that names it, and the backend never hears of it.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private TestBackend _backend = null!;
    private int _calls;

    public async ValueTask InitializeAsync() => _backend = await TestBackend.StartAsync(async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        Interlocked.Increment(ref _calls);
        await context.Response.WriteAsync("ok");
    });

    [Theory]
    [InlineData(98, "HTTP/1.1 200")]
    [InlineData(99, "HTTP/1.1 431")]
    public async Task A_request_has_a_hundred_headers_at_most(int more, string status)
    {
        await using var gateway = await StartAsync();
        var headers = string.Concat(Enumerable.Range(0, more).Select(i => $"X-{i}: 1\r\n"));

        // Host and Connection are two of them.
        Assert.StartsWith(status, await SendAsync(gateway, $"GET /echo/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "HTTP/1.1 200")]
    [InlineData(8, "HTTP/1.1 431")]
    public async Task Headers_together_are_no_larger_than_the_setting_says(int kilobytes, string status)
    {
        await using var gateway = await StartAsync(("net.server.http.limits.headers.size", "4KiB"));

        Assert.StartsWith(status, await SendAsync(gateway, $"GET /echo/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: {new string('a', kilobytes * 1024)}\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_of_HTTP_2_may_be_as_large_as_one_of_HTTP_1()
    {
        await using var gateway = await StartAsync();
        foreach (var version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Server.HttpsAddress, "/echo/x")) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Add("X-Token", new string('t', 20_000));
            using var response = await gateway.Client.SendAsync(request);
            Assert.Equal((HttpStatusCode.OK, version), (response.StatusCode, response.Version));
        }
    }

    [Fact]
    public async Task A_request_line_that_is_too_long_is_refused()
    {
        await using var gateway = await StartAsync();

        Assert.StartsWith("HTTP/1.1 414", await SendAsync(gateway, $"GET /echo/{new string('a', 20_000)} HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, false, 200)]
    [InlineData(1001, false, 413)]
    [InlineData(900, true, 200)]
    [InlineData(200_000, true, 413)]
    public async Task A_body_is_no_larger_than_the_setting_says(int size, bool chunked, int status)
    {
        await using var gateway = await StartAsync(("net.server.http.limits.body.size", "1000"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo/x") { Content = new ByteArrayContent(new byte[size]) };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200 ? 1 : 0, _calls);
        if (status == 413)
        {
            Assert.Equal("{ \"statusCode\": 413, \"message\": \"The request's body is larger than this gateway takes.\" }", await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_and_those_within_are_served()
    {
        await using var gateway = await StartAsync(("net.server.http.limits.connections", "3"));
        var held = new List<RawClient>();
        for (var i = 0; i < 3; i++)
        {
            var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
            await client.WriteAsync("GET /echo/x HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await client.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
            held.Add(client);
        }

        using (var refused = await RawClient.ConnectAsync(gateway.Server.HttpAddress))
        {
            Assert.Equal("", await TryAsync(refused));
        }

        held[0].Dispose();
        await Until.TrueAsync(async () =>
        {
            using var next = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
            return (await TryAsync(next)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        });
        held.ForEach(client => client.Dispose());
    }

    public async ValueTask DisposeAsync() => await _backend.DisposeAsync();

    private static async Task<string> TryAsync(RawClient client)
    {
        try
        {
            await client.WriteAsync("GET /echo/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            return await client.ReadToEndAsync();
        }
        catch (Exception closed) when (closed is IOException or SocketException)
        {
            return "";
        }
    }

    private static Task<string> SendAsync(TestGateway gateway, string request) => RawClient.SendAsync(gateway.Server.HttpAddress, request);

    private async Task<TestGateway> StartAsync(params (string Name, string Value)[] settings)
    {
        var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, Entities.Api("echo", "echo", _backend.Address.ToString())]);
        await gateway.StartServerAsync(settings);
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        return gateway;
    }
}
