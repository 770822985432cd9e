using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;
using Postern.Testing;
using Until = Postern.Gateway.Tests.Parts.Until;

namespace Postern.Gateway.Tests.Certificates;

public sealed class ClientCertificateTests : IAsyncLifetime
{
    private const string Told = """
        <policies><inbound><choose>
          <when condition="@(context.Request.Certificate == null)"><return-response><set-body>none</set-body></return-response></when>
          <otherwise><return-response><set-body>@($"{context.Request.Certificate.Subject} {context.Request.Certificate.Verify()} {context.Request.Certificate?.VerifyNoRevocation()}")</set-body></return-response></otherwise>
        </choose></inbound></policies>
        """;

    private readonly TestAuthority _authority = TestAuthority.Root();
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await TestGateway.StartAsync(
        Entities.Api("told", "told"), Entities.Policy("apis/told", Told),
        Entities.Api("checked", "checked"), Entities.Policy("apis/checked", "<policies><inbound><validate-client-certificate /><return-response><set-body>in</set-body></return-response></inbound></policies>"),
        Entities.Certificate("server", _authority.Server("mutual.example", "plain.example")),
        Entities.Hostname("mutual", "mutual.example", "server", negotiate: true),
        Entities.Hostname("plain", "plain.example", "server"));

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_host_name_that_negotiates_asks_in_the_first_handshake_and_policies_see_what_came(SslProtocols version)
    {
        using var client = _authority.Client("CN=alice");

        using var with = await (Caller("mutual.example", client) with { Protocols = version }).ConnectAsync();
        using var without = await (Caller("mutual.example") with { Protocols = version }).ConnectAsync();
        using var plain = await (Caller("plain.example", client) with { Protocols = version }).ConnectAsync();
        using var unnamed = await (Caller("", client) with { Protocols = version }).ConnectAsync();

        Assert.Equal((200, "CN=alice False False"), await with.GetAsync("mutual.example", "/told"));
        Assert.Equal((200, "CN=alice False False"), await with.GetAsync("mutual.example", "/told"));
        Assert.Equal((200, "none"), await without.GetAsync("mutual.example", "/told"));
        Assert.True(without.WasAskedForCertificate);
        Assert.Equal((200, "none"), await plain.GetAsync("plain.example", "/told"));
        Assert.Equal((200, "none"), await unnamed.GetAsync("mutual.example", "/told"));
        Assert.Equal((200, "none"), (200, await _gateway.Client.GetStringAsync("told", TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task An_authority_counts_from_the_moment_it_is_added_until_it_is_removed_on_open_connections_too()
    {
        using var client = _authority.Client("CN=alice");
        using var session = await Caller("mutual.example", client).ConnectAsync();
        Assert.Equal(401, (await session.GetAsync("mutual.example", "/checked")).Status);

        await PutAsync(Entities.PublicCertificate("ca", _authority.Certificate), new CertificateAuthoritySnapshot("ca", IsTrusted: true));
        Assert.Equal((200, "in"), await session.GetAsync("mutual.example", "/checked"));
        Assert.Equal((200, "CN=alice True True"), await session.GetAsync("mutual.example", "/told"));

        await PutAsync(new CertificateAuthoritySnapshot("ca", IsTrusted: false));
        Assert.Equal(401, (await session.GetAsync("mutual.example", "/checked")).Status);
        Assert.Equal((200, "CN=alice False False"), await session.GetAsync("mutual.example", "/told"));
    }

    [Fact]
    public async Task Expired_foreign_and_pretended_certificates_pass_the_handshake_and_no_policy()
    {
        await PutAsync(Entities.PublicCertificate("ca", _authority.Certificate), new CertificateAuthoritySnapshot("ca", IsTrusted: true));
        var foreign = TestAuthority.Root("CN=Another root");
        var pretender = TestAuthority.Root();

        foreach (var certificate in (X509Certificate2[])[_authority.Client("CN=late", days: -3), foreign.Client("CN=stranger"), pretender.Client("CN=forged")])
        {
            using var session = await Caller("mutual.example", certificate).ConnectAsync();
            Assert.Equal(401, (await session.GetAsync("mutual.example", "/checked")).Status);
            Assert.Equal((200, $"{certificate.Subject} False False"), await session.GetAsync("mutual.example", "/told"));
        }
    }

    [Fact]
    public async Task Intermediates_come_from_the_caller_or_from_the_gateways_own()
    {
        var middle = _authority.Intermediate();
        using var client = middle.Client("CN=bob");
        await PutAsync(Entities.PublicCertificate("ca", _authority.Certificate), new CertificateAuthoritySnapshot("ca", IsTrusted: true));

        using var alone = await Caller("mutual.example", client).ConnectAsync();
        using var chained = await (Caller("mutual.example", client) with { Beside = [middle.Certificate] }).ConnectAsync();
        Assert.Equal(401, (await alone.GetAsync("mutual.example", "/checked")).Status);
        Assert.Equal((200, "in"), await chained.GetAsync("mutual.example", "/checked"));
        Assert.Equal((200, "CN=bob True True"), await chained.GetAsync("mutual.example", "/told"));

        await PutAsync(Entities.PublicCertificate("middle", middle.Certificate), new CertificateAuthoritySnapshot("middle", IsTrusted: false));
        Assert.Equal((200, "in"), await alone.GetAsync("mutual.example", "/checked"));
    }

    [Fact]
    public async Task A_trusted_intermediate_needs_no_root()
    {
        var middle = _authority.Intermediate();
        using var client = middle.Client("CN=bob");
        using var session = await Caller("mutual.example", client).ConnectAsync();
        await PutAsync(Entities.PublicCertificate("middle", middle.Certificate), new CertificateAuthoritySnapshot("middle", IsTrusted: true));

        Assert.Equal((200, "in"), await session.GetAsync("mutual.example", "/checked"));
        using var sibling = _authority.Client("CN=eve");
        using var other = await Caller("mutual.example", sibling).ConnectAsync();
        Assert.Equal(401, (await other.GetAsync("mutual.example", "/checked")).Status);
    }

    [Fact]
    public async Task Local_authorities_are_trusted_for_callers_too()
    {
        var folder = Directory.CreateTempSubdirectory("postern-ca-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "root.crt"), _authority.Pem, TestContext.Current.CancellationToken);
        await _gateway.Server.DisposeAsync();
        await _gateway.RestartServerAsync(("certificates.local.ca.enabled", "true"), ("certificates.local.ca.path", folder.FullName));
        await _gateway.Server.Ready;

        using var client = _authority.Client("CN=alice");
        using var session = await Caller("mutual.example", client).ConnectAsync();
        Assert.Equal((200, "in"), await session.GetAsync("mutual.example", "/checked"));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Over_http2_a_request_for_a_name_that_negotiates_is_misdirected_on_another_names_connection()
    {
        using var client = _authority.Client("CN=alice");

        Assert.Equal(421, await StatusAsync(Caller("plain.example", client), "mutual.example"));
        Assert.Equal(421, await StatusAsync(Caller("", client), "mutual.example"));
        Assert.Equal(200, await StatusAsync(Caller("plain.example", client), "plain.example"));
        Assert.Equal(200, await StatusAsync(Caller("mutual.example", client), "mutual.example"));
        Assert.Equal(200, await StatusAsync(Caller("mutual.example"), "plain.example"));
    }

    private async Task<int> StatusAsync(TlsCaller caller, string host)
    {
        using var session = await (caller with { Alpn = [SslApplicationProtocol.Http2] }).ConnectAsync();
        using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, _) => new(session.Stream) });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_gateway.Server.HttpsAddress, "told"))
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Host = host },
        };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    private TlsCaller Caller(string name, X509Certificate2? certificate = null) => new() { Port = _gateway.Server.HttpsAddress.Port, Name = name, Certificate = certificate };

    private async Task PutAsync(params SnapshotEntity[] entities)
    {
        var revision = _gateway.Configuration.Put(entities);
        await Until.TrueAsync(() => _gateway.Server.AppliedRevision == revision);
    }
}
