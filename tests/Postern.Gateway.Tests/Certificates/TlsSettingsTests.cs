using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Postern.Gateway.Settings;
using Postern.Gateway.Tests.Parts;
using Postern.Testing;

namespace Postern.Gateway.Tests.Certificates;

/// <summary>The published settings about TLS, each seen to act on the wire.</summary>
public sealed class TlsSettingsTests
{
    private const string ServerSuites = "net.server.tls.ciphers.allowed-suites";
    private const string ClientSuites = "net.client.tls.ciphers.allowed-suites";
    private const string Protocols = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Backend.Protocols.";

    [Fact]
    public async Task Callers_are_offered_the_allowed_suites_only()
    {
        await using var gateway = await StartAsync([], (ServerSuites, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"));
        var caller = new TlsCaller { Port = gateway.Server.HttpsAddress.Port };

        using var session = await caller.ConnectAsync();
        Assert.Equal(SslProtocols.Tls12, session.Stream.SslProtocol);
        Assert.Contains(session.Stream.NegotiatedCipherSuite, (TlsCipherSuite[])[TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]);
        using var other = await (caller with { Suites = new([TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]) }).ConnectAsync();
        Assert.Equal(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, other.Stream.NegotiatedCipherSuite);
        await Assert.ThrowsAnyAsync<Exception>((caller with { Protocols = SslProtocols.Tls13 }).ConnectAsync);
        await Assert.ThrowsAnyAsync<Exception>((caller with { Suites = new([TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]) }).ConnectAsync);
    }

    [Fact]
    public async Task Without_the_setting_callers_are_offered_the_published_suites()
    {
        var authority = TestAuthority.Root();
        await using var gateway = await StartAsync([Entities.Certificate("rsa", authority.Server("rsa.example")), Entities.Hostname("rsa", "rsa.example", "rsa")]);
        var caller = new TlsCaller { Port = gateway.Server.HttpsAddress.Port, Name = "rsa.example" };

        foreach (var suite in (TlsCipherSuite[])[TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA256])
        {
            using var session = await (caller with { Suites = new([suite]) }).ConnectAsync();
            Assert.Equal(suite, session.Stream.NegotiatedCipherSuite);
        }

        await Assert.ThrowsAnyAsync<Exception>((caller with { Suites = new([TlsCipherSuite.TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384]) }).ConnectAsync);
    }

    [Theory]
    [InlineData(null, null, "Tls13")]
    [InlineData(ClientSuites, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "Tls12 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")]
    [InlineData(ClientSuites, "TLS_CHACHA20_POLY1305_SHA256", "Tls13 TLS_CHACHA20_POLY1305_SHA256")]
    [InlineData(Protocols + "Tls13", "false", "Tls12")]
    [InlineData(Protocols + "Tls12", "false", "Tls13")]
    [InlineData(Protocols + "Tls11", "true", "Tls13")]
    [InlineData(Protocols + "Ssl30", "true", "Tls13")]
    public async Task Backends_and_addresses_that_policies_call_are_offered_what_is_allowed(string? setting, string? value, string expected)
    {
        var authority = TestAuthority.Root();
        await using var backend = await HandshakeEchoAsync(authority.Server("localhost"));
        await using var gateway = await StartAsync(
            [
                Entities.Api("direct", "direct", backend.Address.ToString()),
                Entities.Api("http2", "http2", backend.Address.ToString()),
                Entities.Policy("apis/http2", """<policies><backend><forward-request http-version="2or1" /></backend></policies>"""),
                Entities.Api("sent", "sent"),
                Entities.Policy("apis/sent", $"""
                    <policies><inbound><send-request response-variable-name="answer"><set-url>{backend.Address}</set-url></send-request>
                    <return-response><set-body>@(((IResponse)context.Variables["answer"]).Body.As<string>())</set-body></return-response></inbound></policies>
                    """),
                Entities.PublicCertificate("ca", authority.Certificate), new Postern.Snapshots.CertificateAuthoritySnapshot("ca", true),
            ],
            setting is null ? [] : [(setting, value!)]);

        foreach (var path in (string[])["direct", "http2", "sent"])
        {
            Assert.StartsWith(expected, await gateway.Client.GetStringAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_setting_that_leaves_no_version_or_names_no_suite_is_refused()
    {
        Assert.Contains("no TLS version is left", Problem((Protocols + "Tls13", "false"), (Protocols + "Tls12", "false")), StringComparison.Ordinal);
        Assert.Contains("no suite is for a TLS version", Problem((Protocols + "Tls12", "false"), (ClientSuites, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")), StringComparison.Ordinal);
        Assert.Contains("'17' is not a cipher suite", Problem((ServerSuites, "17")), StringComparison.Ordinal);
        Assert.Contains("'TLS_NOTHING' is not a cipher suite", Problem((ClientSuites, "TLS_AES_256_GCM_SHA384,TLS_NOTHING")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Authorities_of_the_gateway_vouch_for_backends_from_when_they_are_added_until_they_are_removed()
    {
        var authority = TestAuthority.Root();
        await using var backend = await HandshakeEchoAsync(authority.Server("localhost"), closes: true);
        await using var gateway = await StartAsync([Entities.Api("direct", "direct", backend.Address.ToString())]);
        Assert.Equal(500, await StatusAsync(gateway));

        gateway.Configuration.Put([Entities.PublicCertificate("ca", authority.Certificate), new Postern.Snapshots.CertificateAuthoritySnapshot("ca", true)]);
        await Parts.Until.TrueAsync(async () => await StatusAsync(gateway) == 200);

        gateway.Configuration.Remove("certificateAuthorities/ca");
        await Parts.Until.TrueAsync(async () => await StatusAsync(gateway) == 500);
    }

    [Fact]
    public async Task Local_authorities_vouch_for_backends_when_they_are_enabled()
    {
        var authority = TestAuthority.Root();
        var folder = Directory.CreateTempSubdirectory("postern-ca-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "ca.crt"), authority.Pem, TestContext.Current.CancellationToken);
        await using var backend = await HandshakeEchoAsync(authority.Server("localhost"));

        foreach (var enabled in (string[])["true", "false"])
        {
            await using var gateway = await StartAsync(
                [Entities.Api("direct", "direct", backend.Address.ToString())], ("certificates.local.ca.enabled", enabled), ("certificates.local.ca.path", folder.FullName));
            Assert.Equal(enabled == "true" ? 200 : 500, await StatusAsync(gateway));
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_local_authority_that_cannot_be_read_is_told_and_the_others_are_trusted()
    {
        var authority = TestAuthority.Root("CN=Local");
        await using var backend = await HandshakeEchoAsync(authority.Server("localhost"));
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("bad.pem"), "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n");
        await File.WriteAllTextAsync(folder.In("empty.crt"), "nothing of the kind");
        await File.WriteAllTextAsync(folder.In("good.pem"), authority.Pem);

        await using var gateway = await StartAsync(
            [Entities.Api("direct", "direct", backend.Address.ToString())],
            ("certificates.local.ca.enabled", "true"), ("certificates.local.ca.path", Path.GetDirectoryName(folder.In("x"))!));

        Assert.Equal(200, await StatusAsync(gateway));
        var told = gateway.Logs.Records.Where(record => record.Event == "LocalAuthorityBroken").Select(record => record.Text).ToList();
        Assert.Equal(["bad.pem", "empty.crt"], told.Select(text => Path.GetFileName(text.Split('\'')[1])));
        Assert.All(told, text => Assert.StartsWith("G265", text));
        Assert.Contains(GatewayDiagnostics.All, entry => entry.Id == "G265");
    }

    [Theory]
    [InlineData("local")]
    [InlineData("gateway")]
    public async Task Revoked_backends_are_refused_where_revocation_is_checked(string trustedBy)
    {
        await using var lists = await RevocationLists.StartAsync();
        var (authority, silent) = (TestAuthority.Root("CN=With list", lists.Next()), TestAuthority.Root("CN=Without list"));
        lists.Serve(authority);
        var revoked = authority.Server("localhost");
        authority.Revoke(revoked);
        await using var bad = await HandshakeEchoAsync(revoked);
        await using var good = await HandshakeEchoAsync(authority.Server("localhost"));
        await using var unlisted = await HandshakeEchoAsync(silent.Server("localhost"));
        var folder = Directory.CreateTempSubdirectory("postern-ca-");
        var bundle = Path.Combine(folder.FullName, "all.pem");
        await File.WriteAllTextAsync(bundle, $"{authority.Pem}\n{silent.Pem}\n", TestContext.Current.CancellationToken);

        foreach (var checks in (string[])["true", "false"])
        {
            List<Postern.Snapshots.SnapshotEntity> entities =
            [
                Entities.Api("bad", "bad", bad.Address.ToString()), Entities.Api("good", "good", good.Address.ToString()), Entities.Api("unlisted", "unlisted", unlisted.Address.ToString()),
            ];
            if (trustedBy == "gateway")
            {
                entities.AddRange(
                    [
                        Entities.PublicCertificate("ca", authority.Certificate), new Postern.Snapshots.CertificateAuthoritySnapshot("ca", true),
                        Entities.PublicCertificate("silent", silent.Certificate), new Postern.Snapshots.CertificateAuthoritySnapshot("silent", true),
                    ]);
            }

            await using var gateway = await StartAsync(
                entities,
                ("security.certificate-revocation.validation.enabled", checks),
                ("certificates.local.ca.enabled", trustedBy == "local" ? "true" : "false"), ("certificates.local.ca.path", bundle));
            Assert.Equal((checks, 200, 200), (checks, await StatusAsync(gateway, "good"), await StatusAsync(gateway, "unlisted")));
            Assert.Equal((checks, checks == "true" ? 500 : 200), (checks, await StatusAsync(gateway, "bad")));
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Revoked_callers_are_refused_where_revocation_is_checked()
    {
        await using var lists = await RevocationLists.StartAsync();
        var authority = TestAuthority.Root("CN=With list", lists.Next());
        lists.Serve(authority);
        var unreachable = TestAuthority.Root("CN=Unreachable list", new("http://127.0.0.1:9/none.crl"));
        var (revoked, good, unknown) = (authority.Client("CN=revoked"), authority.Client("CN=good"), unreachable.Client("CN=unknown"));
        authority.Revoke(revoked);
        foreach (var checks in (bool[])[true, false])
        {
            await using var gateway = await StartAsync(
                [
                    Entities.Api("in", "in"),
                    Entities.Policy("apis/in", "<policies><inbound><validate-client-certificate /><return-response><set-body>@(context.Request.Certificate.Verify().ToString())</set-body></return-response></inbound></policies>"),
                    Entities.Certificate("server", authority.Server("mutual.example")), Entities.Hostname("mutual", "mutual.example", "server", negotiate: true),
                    Entities.PublicCertificate("ca", authority.Certificate), new Postern.Snapshots.CertificateAuthoritySnapshot("ca", true),
                    Entities.PublicCertificate("cb", unreachable.Certificate), new Postern.Snapshots.CertificateAuthoritySnapshot("cb", true),
                ],
                ("security.certificate-revocation.validation.enabled", checks ? "true" : "false"));

            foreach (var (certificate, passes) in ((X509Certificate2, bool)[])[(good, true), (revoked, !checks), (unknown, !checks)])
            {
                using var session = await new TlsCaller { Port = gateway.Server.HttpsAddress.Port, Name = "mutual.example", Certificate = certificate }.ConnectAsync();
                var (status, body) = await session.GetAsync("mutual.example", "/in");
                Assert.Equal((certificate.Subject, checks, passes ? 200 : 401), (certificate.Subject, checks, status));
                Assert.Equal(passes, body == "True");
            }
        }
    }

    private static async Task<TestGateway> StartAsync(IEnumerable<Postern.Snapshots.SnapshotEntity> entities, params (string, string)[] settings)
    {
        var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, .. entities]);
        await gateway.StartServerAsync(settings);
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return gateway;
    }

    /// <param name="closes">No connection is kept, so that each request shakes hands.</param>
    private static Task<TestBackend> HandshakeEchoAsync(X509Certificate2 certificate, bool closes = false) => TestBackend.StartAsync(
        context =>
        {
            var tls = context.Features.GetRequiredFeature<ITlsHandshakeFeature>();
            context.Response.Headers.Connection = closes ? "close" : default;
            return context.Response.WriteAsync($"{tls.Protocol} {tls.NegotiatedCipherSuite}");
        },
        listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            https.OnAuthenticate = (_, options) => options.CipherSuitesPolicy = CipherSuites.Policy([]);
        }));

    private static async Task<int> StatusAsync(TestGateway gateway, string path = "direct")
    {
        using var answer = await gateway.GetAsync(path);
        return (int)answer.StatusCode;
    }

    private static string Problem(params (string Name, string Value)[] settings)
    {
        var values = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        values["config.service.endpoint"] = "https://localhost";
        values["config.service.auth"] = "GatewayKey edge&202601010000&c2lnbmF0dXJl";
        return Assert.Throws<GatewaySettingsException>(() => GatewaySettings.Read(values)).Message;
    }
}
