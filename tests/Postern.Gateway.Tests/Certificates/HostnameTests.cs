using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Postern.Gateway.Settings;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;
using Postern.Testing;
using Until = Postern.Gateway.Tests.Parts.Until;

namespace Postern.Gateway.Tests.Certificates;

public sealed class HostnameTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = TestAuthority.Root();
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await TestGateway.StartAsync(
        Entities.Api("pong", "pong"),
        Entities.Policy("apis/pong", "<policies><inbound><return-response><set-body>pong</set-body></return-response></inbound></policies>"));

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Without_host_names_every_name_gets_the_self_signed_certificate()
    {
        using var session = await Caller("anything.example").ConnectAsync();

        Assert.Equal("CN=localhost", session.Served.Subject);
        Assert.Equal(session.Served.Issuer, session.Served.Subject);
        Assert.Equal((200, "pong"), await session.GetAsync("anything.example", "/pong"));
    }

    [Fact]
    public async Task The_name_in_the_handshake_chooses_the_certificate_and_every_host_is_served()
    {
        await PutAsync(
            Entities.Certificate("api", _authority.Server("api.contoso.example")), Entities.Hostname("one", "api.contoso.example", "api"),
            Entities.Certificate("wild", _authority.Server("*.contoso.example")), Entities.Hostname("two", "*.contoso.example", "wild"),
            Entities.Certificate("inner", _authority.Server("*.inner.contoso.example")), Entities.Hostname("three", "*.Inner.contoso.example", "inner"),
            Entities.Certificate("umlaut", _authority.Server("xn--bcher-kva.example")), Entities.Hostname("four", "bücher.example", "umlaut"));
        (string Name, string Subject)[] expected =
        [
            ("api.contoso.example", "CN=api.contoso.example"),
            ("API.Contoso.example", "CN=api.contoso.example"),
            ("other.contoso.example", "CN=any.contoso.example"),
            ("deep.other.contoso.example", "CN=any.contoso.example"),
            ("deep.inner.contoso.example", "CN=any.inner.contoso.example"),
            ("xn--bcher-kva.example", "CN=xn--bcher-kva.example"),
            ("contoso.example", "CN=localhost"),
            ("fabrikam.example", "CN=localhost"),
            ("", "CN=localhost"),
        ];

        foreach (var (name, subject) in expected)
        {
            using var session = await Caller(name).ConnectAsync();
            Assert.Equal((name, subject), (name, session.Served.Subject));
            Assert.Equal((200, "pong"), await session.GetAsync(name.Length == 0 ? "127.0.0.1" : name, "/pong"));
        }
    }

    [Fact]
    public async Task A_full_wildcard_takes_what_no_other_name_takes_even_callers_that_name_none()
    {
        await PutAsync(
            Entities.Certificate("all", _authority.Server("all.example")), Entities.Hostname("all", "*", "all"),
            Entities.Certificate("api", _authority.Server("api.contoso.example")), Entities.Hostname("api", "api.contoso.example", "api"));

        Assert.Equal(("CN=all.example", "CN=all.example", "CN=api.contoso.example"), (await SubjectAsync(""), await SubjectAsync("x.example"), await SubjectAsync("api.contoso.example")));
    }

    [Fact]
    public async Task The_chain_in_the_file_is_sent_without_its_root()
    {
        var middle = _authority.Intermediate();
        await PutAsync(Entities.Certificate("api", middle.Server("api.example"), middle.Certificate, _authority.Certificate), Entities.Hostname("api", "api.example", "api"));

        using var session = await Caller("api.example").ConnectAsync();

        Assert.Equal(1, session.Beside);
    }

    [Fact]
    public async Task A_new_certificate_is_served_to_new_connections_while_open_ones_go_on()
    {
        await PutAsync(Entities.Certificate("api", _authority.Server("first.example", "api.example")), Entities.Hostname("api", "api.example", "api"));
        using var open = await Caller("api.example").ConnectAsync();
        Assert.Equal("CN=first.example", open.Served.Subject);
        await open.GetAsync("api.example", "/pong");

        await PutAsync(Entities.Certificate("api", _authority.Server("second.example", "api.example")));

        Assert.Equal("CN=second.example", await SubjectAsync("api.example"));
        Assert.Equal((200, "pong"), await open.GetAsync("api.example", "/pong"));
        _gateway.Configuration.Remove("hostnames/api");
        await Until.TrueAsync(async () => await SubjectAsync("api.example") == "CN=localhost");
        Assert.Equal((200, "pong"), await open.GetAsync("api.example", "/pong"));
    }

    [Fact]
    public async Task No_request_fails_while_host_names_and_certificates_change()
    {
        await PutAsync(Entities.Certificate("api", _authority.Server("v0.example")), Entities.Hostname("api", "api.example", "api"));
        using var stop = new CancellationTokenSource();
        var asked = 0;
        var callers = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var session = await Caller("api.example").ConnectAsync();
                Assert.Equal((200, "pong"), await session.GetAsync("api.example", "/pong"));
                Interlocked.Increment(ref asked);
            }
        })).ToList();

        for (var i = 1; i <= 5; i++)
        {
            var before = Volatile.Read(ref asked);
            await PutAsync(Entities.Certificate("api", _authority.Server($"v{i}.example")), Entities.Hostname("api", "api.example", "api", negotiate: i % 2 == 0));
            Assert.Equal($"CN=v{i}.example", await SubjectAsync("api.example"));
            await Until.TrueAsync(() => Volatile.Read(ref asked) > before);
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
    }

    [Fact]
    public async Task A_host_name_whose_certificate_cannot_be_used_gets_the_default_one_and_a_warning()
    {
        await PutAsync(
            Entities.PublicCertificate("public", _authority.Server("public.example")), Entities.Hostname("public", "public.example", "public"),
            new CertificateSnapshot("vault", null, null, null), Entities.Hostname("vault", "vault.example", "vault"),
            Entities.Certificate("wrong", _authority.Server("wrong.example")) with { Password = "guess" }, Entities.Hostname("wrong", "wrong.example", "wrong"),
            Entities.Hostname("none", "none.example", "none"));

        foreach (var name in (string[])["public.example", "vault.example", "wrong.example", "none.example"])
        {
            Assert.Equal("CN=localhost", await SubjectAsync(name));
            Assert.Contains(_gateway.Logs.Records, record => record.Text.StartsWith("G261", StringComparison.Ordinal) && record.Text.Contains(name, StringComparison.Ordinal));
        }

        Assert.DoesNotContain(_gateway.Logs.Records, record => record.Text.Contains("guess", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_expired_certificate_is_served_with_a_warning()
    {
        await PutAsync(Entities.Certificate("old", _authority.ServerUntil(-3, "old.example")), Entities.Hostname("old", "old.example", "old"));

        Assert.Equal("CN=old.example", await SubjectAsync("old.example"));
        Assert.Contains(_gateway.Logs.Records, record => record.Text.StartsWith("G263: certificate 'old'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Http2_is_offered_unless_the_host_name_says_no()
    {
        await PutAsync(
            Entities.Certificate("both", _authority.Server("both.example", "one.example")),
            Entities.Hostname("both", "both.example", "both"), Entities.Hostname("one", "one.example", "both", http2: false));

        Assert.Equal("h2", await AlpnAsync("both.example"));
        Assert.Equal("h2", await AlpnAsync("nobody.example"));
        Assert.Equal("http/1.1", await AlpnAsync("one.example"));
    }

#pragma warning disable CA5397, SYSLIB0039, CA5398 // Old versions are what is tested.
    [Fact]
    public async Task Old_versions_of_TLS_are_refused_by_host_names_that_do_not_allow_them_and_unless_the_process_may()
    {
        await PutAsync(Entities.Certificate("all", _authority.Server("modern.example")), Entities.Hostname("modern", "modern.example", "all"), Entities.Hostname("old", "old.example", "all", tls10: true, tls11: true));
        Assert.Contains(_gateway.Logs.Records, record => record.Text.StartsWith("G264: host name 'old.example'", StringComparison.Ordinal));

        foreach (var name in (string[])["modern.example", "nobody.example", "old.example"])
        {
            foreach (var version in (SslProtocols[])[SslProtocols.Tls13, SslProtocols.Tls12])
            {
                using var session = await (Caller(name) with { Protocols = version }).ConnectAsync();
                Assert.Equal(version, session.Stream.SslProtocol);
            }

            foreach (var version in (SslProtocols[])[SslProtocols.Tls11, SslProtocols.Tls])
            {
                await Assert.ThrowsAnyAsync<Exception>((Caller(name) with { Protocols = version, Suites = CipherSuites.Policy([]) }).ConnectAsync);
            }
        }
    }
#pragma warning restore CA5397, SYSLIB0039, CA5398

    private TlsCaller Caller(string name) => new() { Port = _gateway.Server.HttpsAddress.Port, Name = name };

    private async Task<string> SubjectAsync(string name)
    {
        using var session = await Caller(name).ConnectAsync();
        return session.Served.Subject;
    }

    private async Task<string> AlpnAsync(string name)
    {
        using var session = await (Caller(name) with { Alpn = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] }).ConnectAsync();
        return session.Stream.NegotiatedApplicationProtocol.ToString();
    }

    private async Task PutAsync(params SnapshotEntity[] entities)
    {
        var revision = _gateway.Configuration.Put(entities);
        await Until.TrueAsync(() => _gateway.Server.AppliedRevision == revision);
    }
}
