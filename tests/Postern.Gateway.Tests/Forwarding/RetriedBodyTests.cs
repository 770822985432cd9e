using System.Net;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>What <c>retry</c> around forward-request sends the second time.</summary>
public sealed class RetriedBodyTests
{
    public static TheoryData<string> Versions { get; } = ["1", "2"];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_body_that_was_kept_is_sent_again(string version)
    {
        var bodies = new List<string>();
        await using var backend = await BackendAsync(bodies, version: version);
        await using var gateway = await StartAsync(backend.Address, $"http-version=\"{version}\" buffer-request-body=\"true\"");

        using var response = await PostAsync(gateway);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["order", "order"], bodies);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_body_that_was_not_kept_is_never_sent_again_and_the_first_answer_stands(string version)
    {
        var bodies = new List<string>();
        await using var backend = await BackendAsync(bodies, version: version);
        await using var gateway = await StartAsync(backend.Address, $"http-version=\"{version}\"");

        using var response = await PostAsync(gateway);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("busy", await response.Content.ReadAsStringAsync());
        Assert.Equal("RequestBodyNotBuffered", response.Headers.GetValues("X-Why").Single());
        Assert.Equal(["order"], bodies);
    }

    [Fact]
    public async Task A_request_without_a_body_needs_no_keeping()
    {
        var bodies = new List<string>();
        await using var backend = await BackendAsync(bodies);
        await using var gateway = await StartAsync(backend.Address, "");

        Assert.Equal("done", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal(["", ""], bodies);
    }

    [Fact]
    public async Task A_body_that_no_backend_saw_yet_may_go_to_the_next()
    {
        var bodies = new List<string>();
        await using var backend = await BackendAsync(bodies, failures: 0);
        await using var gateway = await TestGateway.StartAsync(
        [
            .. Parts.Backends.Api("pool", """<retry condition="@(context.Response == null || context.Response.StatusCode >= 500)" count="1" interval="0"><forward-request /></retry>"""),
            Parts.Backends.Single("gone", new("http://127.0.0.1:1/"), Parts.Backends.Rule()), Parts.Backends.Single("there", backend.Address),
            Parts.Backends.Pool("pool", Parts.Backends.Member("gone", priority: 1), Parts.Backends.Member("there", priority: 2)),
        ]);

        using var response = await PostAsync(gateway);

        Assert.Equal("done", await response.Content.ReadAsStringAsync());
        Assert.Equal(["order"], bodies);
    }

    private static Task<TestBackend> BackendAsync(List<string> bodies, int failures = 1, string version = "1") => TestBackend.StartAsync(async context =>
    {
        using var reader = new StreamReader(context.Request.Body);
        bodies.Add(await reader.ReadToEndAsync());
        context.Response.StatusCode = bodies.Count <= failures ? 503 : 200;
        await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(bodies.Count <= failures ? "busy" : "done"));
    }, new IPEndPoint(IPAddress.Loopback, 0), version == "2" ? HttpProtocols.Http2 : HttpProtocols.Http1);

    private static Task<TestGateway> StartAsync(Uri backend, string attributes) => TestGateway.StartAsync(
        Entities.Api("echo", "echo", backend.ToString()),
        Entities.Policy("apis/echo", $$"""
            <policies><inbound /><backend><retry condition="@(context.Response != null &amp;&amp; context.Response.StatusCode == 503)" count="3" interval="0"><forward-request {{attributes}} /></retry></backend>
            <outbound /><on-error><set-header name="X-Why" exists-action="override"><value>@(context.LastError.Reason)</value></set-header></on-error></policies>
            """.Replace("&amp;&amp;", "&&", StringComparison.Ordinal)));

    /// <summary>Of unknown length, so that nobody keeps it on the way.</summary>
    private static Task<HttpResponseMessage> PostAsync(TestGateway gateway)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/echo/x") { Content = new StringContent("order") };
        request.Headers.TransferEncodingChunked = true;
        return gateway.Client.SendAsync(request);
    }
}
