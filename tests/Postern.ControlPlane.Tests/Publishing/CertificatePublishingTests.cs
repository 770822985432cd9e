using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Publishing.Kinds;
using Postern.Snapshots;
using CertificateAuthority = Postern.Testing.TestAuthority;

namespace Postern.ControlPlane.Tests.Publishing;

public sealed class CertificatePublishingTests : IAsyncLifetime
{
    private const string Service = PublishedService.Id;

    private readonly X509Certificate2 _certificate = CertificateAuthority.Root().Server("api.example");
    private PublishedService _service = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await PublishedService.CreateAsync();
        await _service.PutAsync("gateways/other", []);
        await _service.PutAsync("certificates/cert", new() { ["data"] = Convert.ToBase64String(_certificate.Export(X509ContentType.Pkcs12, "secret")), ["password"] = "secret" });
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_host_name_takes_its_certificate_with_the_key_to_its_gateway_and_no_other()
    {
        Assert.Null(await CertificateAsync("lab"));

        await _service.PutAsync("gateways/lab/hostnameConfigurations/api", new()
        {
            ["hostname"] = "api.example",
            ["certificateId"] = $"{Service}/certificates/cert",
            ["negotiateClientCertificate"] = true,
            ["http2Enabled"] = false,
        });

        Assert.True(Opens(await CertificateAsync("lab")));
        var hostname = (await EntitiesAsync("lab")).OfType<HostnameSnapshot>().Single();
        Assert.Equal(new HostnameSnapshot("api", "api.example", "cert", true, false, false, false), hostname);
        Assert.Null(await CertificateAsync("other"));
        Assert.Empty((await EntitiesAsync("other")).OfType<HostnameSnapshot>());

        await _service.RemoveAsync("gateways/lab/hostnameConfigurations/api");
        Assert.Null(await CertificateAsync("lab"));
    }

    [Fact]
    public async Task An_authority_goes_without_its_key()
    {
        await _service.PutAsync("gateways/lab/certificateAuthorities/cert", new() { ["isTrusted"] = true });

        var certificate = await CertificateAsync("lab");
        Assert.Equal(_certificate.RawData, Convert.FromBase64String(certificate!.Certificate!));
        Assert.Equal((null, null), (certificate.Pkcs12, certificate.Password));
        Assert.Equal(new CertificateAuthoritySnapshot("cert", true), (await EntitiesAsync("lab")).OfType<CertificateAuthoritySnapshot>().Single());
        Assert.Null(await CertificateAsync("other"));

        await _service.PutAsync("policies/policy", new() { ["value"] = """<policies><inbound><authentication-certificate certificate-id="cert" /></inbound></policies>""" });
        Assert.True(Opens(await CertificateAsync("lab")));
    }

    [Theory]
    [InlineData("""<authentication-certificate certificate-id="cert" />""", true)]
    [InlineData("""<authentication-certificate certificate-id="{{which}}" />""", true)]
    [InlineData("""<authentication-certificate certificate-id="other" />""", null)]
    [InlineData("""<authentication-certificate thumbprint="THUMBPRINT" />""", true)]
    [InlineData("""<authentication-certificate thumbprint='{{thumb}}' />""", true)]
    [InlineData("""<authentication-certificate thumbprint="0000" />""", null)]
    [InlineData("""<authentication-certificate certificate-id="@((string)context.Variables["x"])" />""", true)]
    [InlineData("""<validate-client-certificate><identities><identity thumbprint="THUMBPRINT" /></identities></validate-client-certificate>""", null)]
    [InlineData("""<validate-client-certificate><identities><identity issuer-certificate-id="cert" /></identities></validate-client-certificate>""", false)]
    [InlineData("""<validate-jwt><issuer-signing-keys><key certificate-id="cert" /></issuer-signing-keys></validate-jwt>""", false)]
    [InlineData("""<validate-jwt><issuer-signing-keys><key>x</key></issuer-signing-keys><decryption-keys><key certificate-id="cert" /></decryption-keys></validate-jwt>""", true)]
    [InlineData("""<set-variable name="c" value="@(context.Deployment.Certificates["cert"].Subject)" />""", true)]
    [InlineData("""<set-variable name="c" value="@(context.Deployment.Certificates.TryGetValue(&quot;cert&quot;, out var c))" />""", true)]
    [InlineData("""<set-variable name="c" value="@(context.Deployment.Certificates["other"].Subject)" />""", null)]
    [InlineData("""<set-variable name="c" value="@(context.Deployment.Certificates[name].Subject)" />""", true)]
    [InlineData("""<set-variable name="c" value="@(context.Deployment.Certificates.Count)" />""", true)]
    public async Task What_policies_take_of_a_certificate_is_what_the_gateway_gets_of_it(string policy, bool? withKey)
    {
        await _service.PutAsync("namedValues/which", new() { ["displayName"] = "which", ["value"] = "cert" });
        await _service.PutAsync("namedValues/thumb", new() { ["displayName"] = "thumb", ["value"] = _certificate.Thumbprint.ToLowerInvariant() });

        await _service.PutAsync("policies/policy", new() { ["value"] = $"<policies><inbound>{policy.Replace("THUMBPRINT", _certificate.Thumbprint, StringComparison.Ordinal)}</inbound></policies>", ["format"] = "rawxml" });

        var certificate = await CertificateAsync("lab");
        Assert.Equal(withKey, certificate is null ? null : certificate.Pkcs12 is not null);
        Assert.Equal(withKey is not null, certificate?.Certificate is not null);
    }

    [Theory]
    [InlineData("certificateIds")]
    [InlineData("certificate")]
    public async Task A_backends_certificate_goes_with_the_backend(string member)
    {
        var name = member == "certificate" ? _certificate.Thumbprint : $"{Service}/certificates/cert";
        await _service.PutAsync("backends/b", new() { ["url"] = "https://b.example", ["protocol"] = "http", ["credentials"] = new JsonObject { [member] = new JsonArray(name) } });
        Assert.Null(await CertificateAsync("lab"));

        await _service.PutAsync("policies/policy", new() { ["value"] = """<policies><inbound><set-backend-service backend-id="b" /></inbound></policies>""" });

        Assert.True(Opens(await CertificateAsync("lab")));
    }

    [Fact]
    public async Task A_key_vaults_certificate_goes_empty_and_one_that_changes_goes_anew()
    {
        await _service.PutAsync("gateways/lab/hostnameConfigurations/api", new() { ["hostname"] = "api.example", ["certificateId"] = $"{Service}/certificates/cert" });
        var revision = (await _service.CurrentAsync()).Revision;

        await _service.PutAsync("certificates/cert", new() { ["keyVault"] = new JsonObject { ["secretIdentifier"] = "https://vault.example/secrets/cert" } });

        var changes = await _service.ChangesAsync(revision);
        Assert.Equal(new CertificateSnapshot("cert", null, null, null), Assert.Single(changes.Change!.Put));
    }

    private static bool Opens(CertificateSnapshot? certificate) =>
        certificate?.Pkcs12 is { } file && X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(file), certificate.Password).HasPrivateKey;

    private async Task<CertificateSnapshot?> CertificateAsync(string gateway) => (await EntitiesAsync(gateway)).OfType<CertificateSnapshot>().SingleOrDefault();

    private async Task<IReadOnlyList<SnapshotEntity>> EntitiesAsync(string gateway) => (await _service.CurrentAsync(gateway)).Entities;
}
