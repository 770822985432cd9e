using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Listening;

public sealed class SlowCallerTests
{
    [Fact]
    public async Task Callers_that_never_finish_a_head_are_cut_off_while_others_are_served()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, Entities.Api("echo", "echo", backend.Address.ToString())]);
        await gateway.StartServerAsync(("net.server.http.limits.headers.timeout", "0:0:1"));
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        var slow = new List<RawClient>();
        for (var i = 0; i < 50; i++)
        {
            var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
            await client.WriteAsync("GET /echo/x HTTP/1.1\r\nHost: x\r\nX-Slow: ");
            slow.Add(client);
        }

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        var answers = await Task.WhenAll(slow.Select(client => client.ReadToEndAsync()));
        Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 408", answer));
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        slow.ForEach(client => client.Dispose());
    }

    [Theory]
    [InlineData("Content-Length: 100000", "")]
    [InlineData("Transfer-Encoding: chunked", "4\r\nabcd\r\n")]
    public async Task Callers_that_never_finish_a_body_are_cut_off_while_others_are_served(string framing, string begin)
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync("ok");
        });
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([
            Entities.Service,
            Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Api("read", "read", backend.Address.ToString()),
            Entities.Policy("apis/read", "<policies><inbound><set-variable name=\"v\" value=\"@(context.Request.Body.As<string>(true))\" /></inbound><backend><forward-request /></backend></policies>"),
        ]);
        await gateway.StartServerAsync(("net.server.http.limits.body.grace", "0:0:1"));
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        var slow = new List<RawClient>();
        for (var i = 0; i < 30; i++)
        {
            var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
            await client.WriteAsync($"POST /{(i % 2 == 0 ? "echo" : "read")}/x HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n{begin}");
            slow.Add(client);
        }

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        var answers = await Task.WhenAll(slow.Select(client => client.ReadUntilAsync("\r\n")));
        Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 408", answer));
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        slow.ForEach(client => client.Dispose());
    }

    [Theory]
    [InlineData(null, 404)]
    [InlineData("http", 404)]
    [InlineData("https", 200)]
    [InlineData("https, http", 200)]
    [InlineData("nonsense", 404)]
    public async Task The_forwarded_scheme_counts_only_when_the_setting_says_so(string? forwarded, int status)
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, Entities.Api("secure", "secure", backend.Address.ToString(), protocols: ["https"])]);
        await gateway.StartServerAsync(("net.server.http.forwarded.proto.enabled", "true"));
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/secure/x");
        if (forwarded is not null)
        {
            request.Headers.Add("X-Forwarded-Proto", forwarded);
        }

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }
}
