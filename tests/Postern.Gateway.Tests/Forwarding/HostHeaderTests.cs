using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>Which <c>Host</c> a backend sees: its own, unless a policy or the backend entity names another.</summary>
public sealed class HostHeaderTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Set_header_overrides_it_and_taking_it_away_brings_the_backends_back(string version)
    {
        await using var backend = await TestBackend.StartAsync(
            context => context.Response.WriteAsync(string.Join('|', context.Request.Headers.Host.ToArray())), new(IPAddress.Loopback, 0),
            version == "2" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var gateway = await TestGateway.StartAsync(
            [.. Api("plain", backend, "", version), .. Api("other", backend, Set("tenant.example:8080"), version), .. Api("same", backend, Set("""@(context.Request.OriginalUrl.Host)"""), version),
            .. Api("back", backend, Set("x.example") + """<set-header name="Host" exists-action="delete" />""", version), .. Api("skip", backend, """<set-header name="host" exists-action="skip"><value>x</value></set-header>""", version)]);

        Assert.Equal(backend.Address.Authority, await gateway.Client.GetStringAsync("/plain/x"));
        Assert.Equal("tenant.example:8080", await gateway.Client.GetStringAsync("/other/x"));
        Assert.Equal(gateway.Client.BaseAddress!.Host, await gateway.Client.GetStringAsync("/same/x"));
        Assert.Equal(backend.Address.Authority, await gateway.Client.GetStringAsync("/back/x"));
        Assert.Equal(backend.Address.Authority, await gateway.Client.GetStringAsync("/skip/x"));
        Assert.Equal(backend.Address.Authority, await gateway.Client.GetStringAsync("/plain/x"));
    }

    [Fact]
    public async Task A_computed_text_that_is_no_host_fails_the_policy()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await TestGateway.StartAsync(Api("echo", backend, Set("""@(context.Request.Headers.GetValueOrDefault("X-To", "a b"))""")));

        using var refused = await gateway.GetAsync("/echo/x");

        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
    }

    [Fact]
    public async Task A_backend_entity_may_name_it_and_is_sent_one_only()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await TestGateway.StartAsync(
        [
            .. Parts.Backends.Api("named", inbound: Set("policy.example")),
            Parts.Backends.Single("named", backend.Address) with { Headers = new Dictionary<string, IReadOnlyList<string>> { ["Host"] = ["entity.example"] } },
        ]);

        Assert.Equal("entity.example", await gateway.Client.GetStringAsync("/echo/x"));
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_asked_by_its_own_name()
    {
        await using var target = await EchoAsync();
        await using var backend = await TestBackend.StartAsync(context =>
        {
            context.Response.Redirect($"{target.Address}end");
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Policy("apis/echo", $"<policies><inbound>{Set("tenant.example")}</inbound><backend><forward-request follow-redirects=\"true\" /></backend></policies>"));

        Assert.Equal(target.Address.Authority, await gateway.Client.GetStringAsync("/echo/x"));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task A_secure_backend_must_have_a_certificate_for_the_name_it_is_asked_by(string version)
    {
        await using var gateway = await TestGateway.PrepareAsync();
        await using var backend = await TestBackend.StartAsync(
            context => context.Response.WriteAsync(string.Join('|', context.Request.Headers.Host.ToArray())), listen => listen.UseHttps(gateway.Certificates.IssueLoopback()));
        await gateway.ServeAsync([.. Api("good", backend, Set("127.0.0.1"), version), .. Api("bad", backend, Set("tenant.example"), version)]);

        using var bad = await gateway.GetAsync("/bad/x");

        Assert.Equal("127.0.0.1", await gateway.Client.GetStringAsync("/good/x"));
        Assert.Equal(HttpStatusCode.InternalServerError, bad.StatusCode);
    }

    private static Task<TestBackend> EchoAsync() => TestBackend.StartAsync(context => context.Response.WriteAsync(string.Join('|', context.Request.Headers.Host.ToArray())));

    private static string Set(string value) => $"""<set-header name="Host" exists-action="override"><value>{value}</value></set-header>""";

    private static SnapshotEntity[] Api(string name, TestBackend backend, string inbound, string version = "1") =>
    [
        Entities.Api(name, name, backend.Address.ToString()),
        Entities.Policy($"apis/{name}", $"<policies><inbound>{inbound}</inbound><backend><forward-request http-version=\"{version}\" /></backend></policies>"),
    ];
}
