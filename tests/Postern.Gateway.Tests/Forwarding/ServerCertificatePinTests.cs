using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>Which certificates of backends are accepted when the entity names some.</summary>
public sealed class ServerCertificatePinTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset End = new(2050, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("thumbprint", "localhost", true, true)]
    [InlineData("sha256", "localhost", true, true)]
    [InlineData("other thumbprint", "localhost", true, false)]
    [InlineData("thumbprint", "elsewhere.example", true, false)]
    [InlineData("thumbprint", "elsewhere.example", false, true)]
    [InlineData("name and issuer", "orders", true, true)]
    [InlineData("name and other issuer", "orders", true, false)]
    [InlineData("other name and issuer", "orders", true, false)]
    [InlineData("name alone", "orders", true, false)]
    public async Task A_certificate_that_nobody_else_trusts_is_accepted_exactly_when_it_is_named(string pinned, string subject, bool checkName, bool accepted)
    {
        using var root = Authority("root", null);
        using var issuer = Authority("private", root);
        using var stranger = Authority("stranger", null);
        using var server = Issue(issuer, subject, End);
        await using var gateway = await TestGateway.PrepareAsync();
        await using var backend = await BackendAsync(server, issuer);
        var pins = pinned switch
        {
            "thumbprint" => new BackendPinsSnapshot([server.Thumbprint.ToLowerInvariant()], []),
            "sha256" => new([server.GetCertHashString(HashAlgorithmName.SHA256)], []),
            "other thumbprint" => new([issuer.Thumbprint], []),
            "name and issuer" => new([], [new("orders", issuer.Thumbprint)]),
            "name and other issuer" => new([], [new("orders", stranger.Thumbprint)]),
            "other name and issuer" => new([], [new("payments", issuer.Thumbprint)]),
            _ => new([], [new("orders", null)]),
        };

        Assert.Equal(accepted ? HttpStatusCode.OK : HttpStatusCode.InternalServerError, await CallAsync(gateway, backend, pins, checkName));
    }

    [Fact]
    public async Task A_trusted_certificate_is_refused_when_another_is_named()
    {
        await using var gateway = await TestGateway.PrepareAsync();
        using var trusted = gateway.Certificates.IssueLoopback();
        await using var backend = await BackendAsync(trusted, null);

        Assert.Equal(HttpStatusCode.InternalServerError, await CallAsync(gateway, backend, new(["0000000000000000000000000000000000000000"], []), true));
    }

    [Fact]
    public async Task A_name_alone_is_accepted_from_a_trusted_authority()
    {
        await using var gateway = await TestGateway.PrepareAsync();
        using var trusted = gateway.Certificates.IssueServer("orders.example");
        await using var backend = await BackendAsync(trusted, null);

        Assert.Equal(HttpStatusCode.OK, await CallAsync(gateway, backend, new([], [new("orders.example", null)]), true));
    }

    [Theory]
    [InlineData("thumbprint")]
    [InlineData("issuer")]
    public async Task An_expired_certificate_is_refused_even_when_it_is_named(string pinned)
    {
        using var root = Authority("root", null);
        using var issuer = Authority("private", root);
        using var server = Issue(issuer, "localhost", new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var gateway = await TestGateway.PrepareAsync();
        await using var backend = await BackendAsync(server, issuer);
        var pins = pinned == "thumbprint" ? new BackendPinsSnapshot([server.Thumbprint], []) : new([], [new("localhost", issuer.Thumbprint)]);

        Assert.Equal(HttpStatusCode.InternalServerError, await CallAsync(gateway, backend, pins, true));
    }

    private static async Task<HttpStatusCode> CallAsync(TestGateway gateway, TestBackend backend, BackendPinsSnapshot pins, bool checkName)
    {
        gateway.Configuration.Put([Entities.Service, .. Parts.Backends.Api("b"), Parts.Backends.Single("b", backend.Address) with { Pins = pins, ValidateCertificateName = checkName }]);
        await gateway.StartServerAsync();
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        using var response = await gateway.GetAsync("/echo/x");
        return response.StatusCode;
    }

    private static Task<TestBackend> BackendAsync(X509Certificate2 certificate, X509Certificate2? issuer) => TestBackend.StartAsync(
        context => context.Response.WriteAsync("ok"),
        listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ServerCertificateChain = issuer is null ? null : [X509CertificateLoader.LoadCertificate(issuer.RawData)];
        }));

    /// <summary>Servers send those in between, not the root.</summary>
    private static X509Certificate2 Authority(string name, X509Certificate2? parent)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (parent is null)
        {
            return request.CreateSelfSigned(Start, End);
        }

        using var made = request.Create(parent, Start, End, [5, 6, 7, 8]);
        return made.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 Issue(X509Certificate2 issuer, string name, DateTimeOffset end)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], false));
        using var made = request.Create(issuer, Start, end, [1, 2, 3, 4]);
        using var whole = made.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
