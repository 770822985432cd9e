using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>How connections to backends are made: which certificates are trusted and shown, proxies, redirects, time.</summary>
public sealed class BackendConnectionTests
{
    [Theory]
    [InlineData("name", true, true, false)]
    [InlineData("name", true, false, true)]
    [InlineData("name", false, true, false)]
    [InlineData("chain", true, true, false)]
    [InlineData("chain", false, true, true)]
    [InlineData("chain", true, false, false)]
    [InlineData("both", false, true, false)]
    [InlineData("both", true, false, false)]
    [InlineData("both", false, false, true)]
    public async Task A_backend_entity_lets_go_of_exactly_the_check_that_it_names(string wrong, bool checkChain, bool checkName, bool accepted)
    {
        await using var gateway = await TestGateway.PrepareAsync();
        using var certificate = wrong switch
        {
            "name" => gateway.Certificates.IssueServer("elsewhere.example"),
            "chain" => SelfSigned("localhost"),
            _ => SelfSigned("elsewhere.example"),
        };
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"), listen => listen.UseHttps(certificate));
        await gateway.ServeAsync(
            Entities.Api("echo", "echo", "http://unused.example"),
            new BackendSnapshot("b", backend.Address.ToString(), "http", new Dictionary<string, IReadOnlyList<string>>(), new Dictionary<string, IReadOnlyList<string>>(), null, null, checkChain, checkName),
            Entities.Policy("apis/echo", InBackend("<forward-request />", "<set-backend-service backend-id=\"b\" />")));

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal(accepted ? HttpStatusCode.OK : HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task A_client_certificate_of_a_policy_is_shown_to_the_backend_and_to_no_other()
    {
        await using var gateway = await TestGateway.PrepareAsync();
        using var certificate = SelfSigned("caller");
        await using var backend = await TestBackend.StartAsync(
            context => context.Response.WriteAsync(context.Connection.ClientCertificate?.Subject ?? "none"),
            listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = gateway.Certificates.IssueLoopback();
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.AllowAnyClientCertificate();
            }));
        var pfx = Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12, "p"));
        await gateway.ServeAsync(
            Entities.Api("shown", "shown", backend.Address.ToString()), Entities.Api("plain", "plain", backend.Address.ToString()),
            Entities.Policy("apis/shown", InBackend("<forward-request />", $"<authentication-certificate body=\"@(Convert.FromBase64String(&quot;{pfx}&quot;))\" password=\"p\" />".Replace("&quot;", "\"", StringComparison.Ordinal))));

        Assert.Equal("CN=caller", await gateway.Client.GetStringAsync("/shown/x"));
        Assert.Equal("none", await gateway.Client.GetStringAsync("/plain/x"));
    }

    [Theory]
    [InlineData("id", true, "CN=entity")]
    [InlineData("thumbprint", true, "CN=entity")]
    [InlineData("id", false, "500")]
    [InlineData("other", true, "500")]
    public async Task A_client_certificate_of_a_backend_entity_is_shown_and_without_it_nothing_is_sent(string named, bool withKey, string shown)
    {
        await using var gateway = await TestGateway.PrepareAsync();
        using var certificate = SelfSigned("entity");
        await using var backend = await TestBackend.StartAsync(
            context => context.Response.WriteAsync(context.Connection.ClientCertificate?.Subject ?? "none"),
            listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = gateway.Certificates.IssueLoopback();
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.AllowAnyClientCertificate();
            }));
        await gateway.ServeAsync(
        [
            .. Parts.Backends.Api("b"), Entities.Api("plain", "plain", backend.Address.ToString()),
            new CertificateSnapshot("client", Convert.ToBase64String(certificate.RawData), withKey ? Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12, "p")) : null, withKey ? "p" : null),
            Parts.Backends.Single("b", backend.Address) with
            {
                CertificateIds = named == "thumbprint" ? null : [named == "id" ? "client" : "nobody"],
                CertificateThumbprints = named == "thumbprint" ? [certificate.Thumbprint.ToLowerInvariant()] : null,
            },
        ]);

        using var response = await gateway.GetAsync("/echo/x");
        Assert.Equal(shown, response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : $"{(int)response.StatusCode}");
        Assert.Equal("none", await gateway.Client.GetStringAsync("/plain/x"));
    }

    [Fact]
    public async Task A_proxy_of_a_policy_gets_the_whole_address()
    {
        var seen = new TaskCompletionSource<string>();
        await using var proxy = new RawBackend(async (stream, request, stopping) =>
        {
            seen.TrySetResult(request);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nproxied"u8.ToArray(), stopping);
        });
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", "http://backend.example:81/base"),
            Entities.Policy("apis/echo", InBackend("<forward-request />", $"<proxy url=\"{proxy.Address.ToString().TrimEnd('/')}\" />")));

        Assert.Equal("proxied", await gateway.Client.GetStringAsync("/echo/x?y=1"));
        Assert.StartsWith("GET http://backend.example:81/base/x?y=1 HTTP/1.1\r\n", await seen.Task);
    }

    [Theory]
    [InlineData("GET", 302, "/there?x=1", "GET /base/there?x=1  secret")]
    [InlineData("POST", 302, "/base/there", "GET /base/there  secret")]
    [InlineData("POST", 303, "there", "GET /base/there  secret")]
    [InlineData("POST", 307, "/base/there", "POST /base/there body secret")]
    [InlineData("PUT", 308, "/base/there", "PUT /base/there body secret")]
    public async Task Redirects_are_followed_only_when_asked_for(string method, int status, string location, string reached)
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            if (context.Request.Path == "/base/here")
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = location == "/there?x=1" ? "/base/there?x=1" : location;
                return;
            }

            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {await reader.ReadToEndAsync()} {context.Request.Headers.Authorization}");
        });
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("follow", "follow", backend.Address + "base"), Entities.Api("stay", "stay", backend.Address + "base"),
            Entities.Policy("apis/follow", InBackend("<forward-request follow-redirects=\"true\" />")));

        using var stayed = await gateway.Client.SendAsync(Request("/stay/here"));
        Assert.Equal(status, (int)stayed.StatusCode);
        using var followed = await gateway.Client.SendAsync(Request("/follow/here"));
        Assert.Equal(reached, await followed.Content.ReadAsStringAsync());

        HttpRequestMessage Request(string path)
        {
            var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.TryAddWithoutValidation("Authorization", "secret");
            if (method != "GET")
            {
                request.Content = new StringContent("body");
            }

            return request;
        }
    }

    [Fact]
    public async Task Redirects_take_no_credentials_to_another_host_and_end_somewhere()
    {
        await using var other = await TestBackend.StartAsync(context => context.Response.WriteAsync($"other:{context.Request.Headers.Authorization}"));
        await using var backend = await TestBackend.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = context.Request.Path == "/loop" ? "/loop" : $"{other.Address}x";
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("follow", "follow", backend.Address.ToString()), Entities.Policy("apis/follow", InBackend("<forward-request follow-redirects=\"true\" />")));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/follow/away");
        request.Headers.TryAddWithoutValidation("Authorization", "secret");

        using var away = await gateway.Client.SendAsync(request);
        Assert.Equal("other:", await away.Content.ReadAsStringAsync());
        using var loop = await gateway.GetAsync("/follow/loop");
        Assert.Equal(HttpStatusCode.Found, loop.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Drip: 1\r\n")]
    public async Task A_backend_that_does_not_finish_its_head_in_time_is_a_timeout(string start)
    {
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(start), stopping);
            await stream.ReadExactlyAsync(new byte[1], stopping);
        });
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Policy("apis/echo", "<policies><inbound /><backend><forward-request timeout-ms=\"200\" /></backend><outbound /><on-error><set-header name=\"X-Why\" exists-action=\"override\"><value>@(context.LastError.Source + \" \" + context.LastError.Reason)</value></set-header></on-error></policies>"));

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("forward-request Timeout", response.Headers.GetValues("X-Why").Single());
        await Until.TrueAsync(() => backend.Open == 0);
    }

    [Fact]
    public async Task Endless_headers_end()
    {
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stopping);
            var line = Encoding.Latin1.GetBytes($"X-Long: {new string('a', 8000)}\r\n");
            while (true)
            {
                await stream.WriteAsync(line, stopping);
            }
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        using var response = await gateway.GetAsync("/echo/x").WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        await Until.TrueAsync(() => backend.Open == 0);
    }

    private static string InBackend(string backend, string inbound = "") =>
        $"<policies><inbound><base />{inbound}</inbound><backend>{backend}</backend><outbound><base /></outbound></policies>";

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new(2050, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
