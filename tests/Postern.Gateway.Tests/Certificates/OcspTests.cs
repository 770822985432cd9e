using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;
using Postern.Testing;

namespace Postern.Gateway.Tests.Certificates;

/// <summary>Certificates that name a responder for revocation and no list; it is OpenSSL's own.</summary>
public sealed class OcspTests
{
    private const string Setting = "security.certificate-revocation.validation.enabled";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Backends_are_asked_about_where_revocation_is_checked(bool checks)
    {
        await using var responder = await OcspResponder.StartAsync();
        var authority = TestAuthority.Root("CN=With responder", responder: responder.Address);
        responder.Speak(authority);
        var (good, revoked) = (authority.Server("localhost"), authority.Server("localhost"));
        responder.Know(good, revoked: false);
        responder.Know(revoked, revoked: true);
        await using var sound = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"), listen => listen.UseHttps(good));
        await using var unsound = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"), listen => listen.UseHttps(revoked));
        await using var gateway = await StartAsync(checks, authority, Entities.Api("sound", "sound", sound.Address.ToString()), Entities.Api("unsound", "unsound", unsound.Address.ToString()));

        using var one = await gateway.GetAsync("/sound/x");
        using var other = await gateway.GetAsync("/unsound/x");

        Assert.Equal((200, checks ? 500 : 200), ((int)one.StatusCode, (int)other.StatusCode));
        Assert.Equal(checks, responder.Questions > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Callers_are_asked_about_once_a_minute_where_revocation_is_checked(bool checks)
    {
        await using var responder = await OcspResponder.StartAsync();
        var authority = TestAuthority.Root("CN=With responder", responder: responder.Address);
        responder.Speak(authority);
        var (good, revoked, unknown) = (authority.Client("CN=good"), authority.Client("CN=revoked"), authority.Client("CN=unknown"));
        responder.Know(good, revoked: false);
        responder.Know(revoked, revoked: true);
        await using var gateway = await StartAsync(
            checks, authority, Entities.Api("in", "in"),
            Entities.Policy("apis/in", "<policies><inbound><validate-client-certificate /><return-response><set-body>in</set-body></return-response></inbound></policies>"),
            Entities.Certificate("server", TestAuthority.Root().Server("mutual.example")), Entities.Hostname("mutual", "mutual.example", "server", negotiate: true));

        Assert.Equal(200, await CallAsync(gateway, good));
        var asked = responder.Questions;
        Assert.Equal(checks, asked > 0);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(200, await CallAsync(gateway, good));
        }

        Assert.Equal(asked, responder.Questions);
        Assert.Equal(checks ? 401 : 200, await CallAsync(gateway, revoked));
        Assert.Equal(checks ? 401 : 200, await CallAsync(gateway, unknown));

        // What was refused is asked about again: the authority may know it by now.
        responder.Know(unknown, revoked: false);
        Assert.Equal(200, await CallAsync(gateway, unknown));
    }

    private static async Task<int> CallAsync(TestGateway gateway, X509Certificate2 certificate)
    {
        using var session = await new TlsCaller { Port = gateway.Server.HttpsAddress.Port, Name = "mutual.example", Certificate = certificate }.ConnectAsync();
        return (await session.GetAsync("mutual.example", "/in")).Status;
    }

    private static async Task<TestGateway> StartAsync(bool checks, TestAuthority authority, params SnapshotEntity[] entities)
    {
        var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, Entities.PublicCertificate("ca", authority.Certificate), new CertificateAuthoritySnapshot("ca", true), .. entities]);
        await gateway.StartServerAsync((Setting, checks ? "true" : "false"));
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return gateway;
    }
}
