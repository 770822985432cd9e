using System.Net;
using System.Net.Quic;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Listening;

/// <summary>HTTP/3 needs a native library that few images have, so both worlds are tested: whichever this machine is.</summary>
public sealed class Http3Tests
{
    [Fact]
    public async Task A_gateway_that_is_asked_for_http_3_serves_it_or_says_why_not()
    {
        await using var backend = RawBackend.Saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", close: false);
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, Entities.Api("echo", "echo", backend.Address.ToString())]);
        await gateway.StartServerAsync(("net.server.http3.enabled", "true"));
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));

        using var response = await gateway.Client.GetAsync(new Uri(gateway.Server.HttpsAddress, "/echo/x"));

        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
        if (!QuicListener.IsSupported)
        {
            Assert.False(response.Headers.Contains("Alt-Svc"));
            Assert.Contains(gateway.Logs.Records, record => record.Event == "Http3Missing" && record.Level == LogLevel.Warning && record.Text.Contains("libmsquic", StringComparison.Ordinal));
            return;
        }

        Assert.Contains($"h3=\":{gateway.Server.HttpsAddress.Port}\"", response.Headers.GetValues("Alt-Svc").Single());
        using var third = await gateway.Client.SendAsync(new(HttpMethod.Get, new Uri(gateway.Server.HttpsAddress, "/echo/x"))
        {
            Version = HttpVersion.Version30,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        });
        Assert.Equal("ok", await third.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Nobody_hears_of_http_3_unasked()
    {
        await using var gateway = await TestGateway.StartAsync();

        using var response = await gateway.Client.GetAsync(new Uri(gateway.Server.HttpsAddress, "/none"));

        Assert.False(response.Headers.Contains("Alt-Svc"));
        Assert.DoesNotContain(gateway.Logs.Records, record => record.Text.Contains("HTTP/3", StringComparison.Ordinal));
    }
}
