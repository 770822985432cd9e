using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Certificates;
using Postern.Gateway.Settings;
using Postern.Gateway.Tests.Parts;
using Postern.Hosting;
using Postern.Testing;

namespace Postern.Gateway.Tests.Listening;

/// <summary>HTTP/3 needs a native library that few images have, so both worlds are tested: whichever this machine is.</summary>
public sealed class Http3Tests
{
    private const long Long = 20_000_000;

    [Fact]
    public async Task A_gateway_that_is_asked_for_http_3_serves_it_or_says_why_not()
    {
        await using var backend = await TestBackend.StartAsync(AnswerAsync);
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put(
        [
            Entities.Service, Entities.Api("echo", "echo", backend.Address.ToString()), Entities.Api("policy", "policy", backend.Address.ToString()),
            Entities.Api("key", "key", backend.Address.ToString(), subscriptionRequired: true),
            Entities.Policy("apis/policy", "<policies><inbound><set-header name=\"X-Seen\" exists-action=\"override\"><value>@(context.Request.OriginalUrl.Scheme + context.Request.Headers.GetValueOrDefault(\"X-Sent\"))</value></set-header></inbound><backend><forward-request /></backend><outbound><set-body>@(context.Response.Body.As&lt;string&gt;() + \"!\")</set-body></outbound><on-error /></policies>".Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal)),
        ]);
        await StartAsync(gateway);

        using var response = await gateway.Client.GetAsync(new Uri(gateway.Server.HttpsAddress, "/echo/x"));

        Assert.Equal("seen: ", await response.Content.ReadAsStringAsync());
        if (!QuicListener.IsSupported)
        {
            Assert.False(response.Headers.Contains("Alt-Svc"));
            Assert.Contains(gateway.Logs.Records, record => record.Event == "Http3Missing" && record.Level == LogLevel.Warning && record.Text.StartsWith("G270", StringComparison.Ordinal));
            Assert.Contains(GatewayDiagnostics.All, entry => entry.Id == "G270" && entry.Cure.Contains("libmsquic", StringComparison.Ordinal));
            return;
        }

        Assert.Contains($"h3=\":{gateway.Server.HttpsAddress.Port}\"", response.Headers.GetValues("Alt-Svc").Single());

        // Names are tried address by address over TCP only.
        var address = new Uri($"https://127.0.0.1:{gateway.Server.HttpsAddress.Port}/");
        Assert.Equal("seen: ", await (await ThirdAsync(gateway, address, HttpMethod.Get, "echo/x")).Content.ReadAsStringAsync());
        using var byPolicy = await ThirdAsync(gateway, address, HttpMethod.Get, "policy/x", ("X-Sent", "yes"));
        Assert.Equal("seen: httpsyes!", await byPolicy.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, (await ThirdAsync(gateway, address, HttpMethod.Get, "key/x")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ThirdAsync(gateway, address, HttpMethod.Get, "nothing")).StatusCode);

        // Longer than any buffer.
        using var up = await ThirdAsync(gateway, address, HttpMethod.Post, "echo/up", new StreamContent(new PatternStream(Long)));
        Assert.Equal("whole", await up.Content.ReadAsStringAsync());
        using var down = await ThirdAsync(gateway, address, HttpMethod.Get, "echo/down");
        await PatternStream.CheckAsync(await down.Content.ReadAsStreamAsync(), Long);
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (i, _) =>
        {
            using var one = await ThirdAsync(gateway, address, HttpMethod.Post, "echo/back", new StringContent($"message {i}"));
            Assert.Equal($"message {i}", await one.Content.ReadAsStringAsync());
        });
        Assert.All(gateway.Logs.Records.Where(record => record.Event == "GatewayLogs").Skip(1), record => Assert.Contains("clientProtocol: HTTP/3", record.Text));

        await AbandonAsync();
        await NegotiateAsync();
    }

    [Fact]
    public void Over_UDP_the_handshake_offers_HTTP_3_and_nothing_else()
    {
        using var certificate = TestAuthority.Root().Server("any.example");
        var settings = GatewaySettings.Read(new Dictionary<string, string>
        {
            ["config.service.endpoint"] = "https://localhost/",
            ["config.service.auth"] = "GatewayKey edge&202601010000&c2lnbmF0dXJl",
        });
        var tls = new ServerTls(settings.Tls, [], TimeProvider.System);

        var options = tls.QuicOptions(SslStreamCertificateContext.Create(certificate, null, offline: true), null);

        Assert.Equal([SslApplicationProtocol.Http3], options.ApplicationProtocols);
        Assert.Equal(SslProtocols.Tls13, options.EnabledSslProtocols);
    }

    /// <summary>A caller that leaves in the middle costs neither the backend's connection nor its own other streams.</summary>
    private static async Task AbandonAsync()
    {
        var gone = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            context.RequestAborted.Register(gone.SetResult);
            await context.Response.WriteAsync("half", gone.Task.IsCompleted ? default : context.RequestAborted);
            await context.Response.Body.FlushAsync();
            await gone.Task;
        });
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, Entities.Api("echo", "echo", backend.Address.ToString())]);
        await StartAsync(gateway);

        using (var response = await ThirdAsync(gateway, new($"https://127.0.0.1:{gateway.Server.HttpsAddress.Port}/"), HttpMethod.Get, "echo/x"))
        {
            var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[4]);
        }

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Nobody_hears_of_http_3_unasked()
    {
        await using var gateway = await TestGateway.StartAsync();

        using var response = await gateway.Client.GetAsync(new Uri(gateway.Server.HttpsAddress, "/none"));

        Assert.False(response.Headers.Contains("Alt-Svc"));
        Assert.DoesNotContain(gateway.Logs.Records, record => record.Text.Contains("HTTP/3", StringComparison.Ordinal));
    }

    /// <summary>A host name that negotiates asks for certificates over QUIC too.</summary>
    private static async Task NegotiateAsync()
    {
        var authority = TestAuthority.Root();
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put(
        [
            Entities.Service, Entities.Api("told", "told"),
            Entities.Policy("apis/told", "<policies><inbound><return-response><set-body>@(context.Request.Certificate?.Subject ?? \"none\")</set-body></return-response></inbound></policies>"),
            Entities.Certificate("server", authority.Server("mutual.example", "plain.example")),
            Entities.Hostname("mutual", "mutual.example", "server", negotiate: true), Entities.Hostname("plain", "plain.example", "server"),
        ]);
        await StartAsync(gateway);
        using var certificate = authority.Client("CN=alice");

        foreach (var (name, told) in new[] { ("mutual.example", "CN=alice"), ("plain.example", "none") })
        {
            using var handler = new SocketsHttpHandler();
            handler.SslOptions = new() { TargetHost = name, ClientCertificates = [certificate], RemoteCertificateValidationCallback = static (_, _, _, _) => true };
            using var client = new HttpClient(handler);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://127.0.0.1:{gateway.Server.HttpsAddress.Port}/told"))
            {
                Version = HttpVersion.Version30,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Headers = { Host = name },
            };
            using var response = await client.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(told, await response.Content.ReadAsStringAsync());
        }
    }

    /// <summary>The server can't have TCP and UDP on a port that it chooses itself.</summary>
    private static async Task StartAsync(TestGateway gateway)
    {
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        await gateway.StartServerAsync(options => options with { Https = ListenAddress.Loopback(port) }, ("net.server.http3.enabled", "true"));
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/back")
        {
            await context.Request.Body.CopyToAsync(context.Response.Body);
            return;
        }

        if (context.Request.Path == "/up")
        {
            await PatternStream.CheckAsync(context.Request.Body, Long);
            await context.Response.WriteAsync("whole");
            return;
        }

        if (context.Request.Path == "/down")
        {
            await new PatternStream(Long).CopyToAsync(context.Response.Body);
            return;
        }

        await context.Response.WriteAsync($"seen: {context.Request.Headers["X-Seen"]}");
    }

    private static Task<HttpResponseMessage> ThirdAsync(TestGateway gateway, Uri address, HttpMethod method, string path, params (string Name, string Value)[] headers) =>
        SendAsync(gateway, new(method, new Uri(address, path)), headers);

    private static Task<HttpResponseMessage> ThirdAsync(TestGateway gateway, Uri address, HttpMethod method, string path, HttpContent content) =>
        SendAsync(gateway, new(method, new Uri(address, path)) { Content = content });

    private static async Task<HttpResponseMessage> SendAsync(TestGateway gateway, HttpRequestMessage request, params (string Name, string Value)[] headers)
    {
        (request.Version, request.VersionPolicy) = (HttpVersion.Version30, HttpVersionPolicy.RequestVersionExact);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpVersion.Version30, response.Version);
        return response;
    }
}
