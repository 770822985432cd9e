using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Gateway.Loading;
using Postern.Gateway.Settings;
using Postern.Testing;

namespace Postern.Gateway.Tests.Loading;

public sealed class CredentialFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_gateway_token_in_a_file_is_renewed_without_a_restart()
    {
        var path = _folder.In("token");
        await File.WriteAllTextAsync(path, "edge&202601010000&b2xk\n");
        var settings = GatewaySettings.Read(new Dictionary<string, string>
        {
            ["config.service.endpoint"] = "contoso.example",
            ["config.service.auth"] = "key",
            ["config.service.auth.keyPath"] = path,
        });
        Assert.Equal("edge", settings.GatewayName);
        var credential = new GatewayTokenCredential(Assert.IsType<ConfigurationAuth.GatewayToken>(settings.Configuration.Auth));
        Assert.Equal("GatewayKey edge&202601010000&b2xk", await credential.GetAuthorizationAsync(default));
        await File.WriteAllTextAsync(path, " GatewayKey edge&202602010000&bmV3 ");
        Assert.Equal("GatewayKey edge&202602010000&bmV3", await credential.GetAuthorizationAsync(default));
        await File.WriteAllTextAsync(path, "half a tok");
        var refused = await Assert.ThrowsAsync<ConfigurationUnavailableException>(async () => await credential.GetAuthorizationAsync(default));
        Assert.Equal("G226", refused.Diagnostic);
        Assert.DoesNotContain("half a tok", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.service.auth", "key", "config.service.auth.keyPath", "G205")]
    [InlineData("config.service.auth", "azureAdApp", "config.service.auth.azureAd.clientSecretPath", "G205")]
    [InlineData("config.service.auth", "azureAdApp", "config.service.auth.azureAd.certificatePath", "G205")]
    public void A_file_that_is_not_there_is_named_at_the_start(string choice, string value, string setting, string diagnostic)
    {
        var refused = Assert.Throws<GatewaySettingsException>(() => GatewaySettings.Read(new Dictionary<string, string>
        {
            ["config.service.endpoint"] = "contoso.example",
            ["gateway.name"] = "edge",
            ["config.service.auth.azureAd.tenantId"] = "t",
            ["config.service.auth.azureAd.clientId"] = "c",
            [choice] = value,
            [setting] = _folder.In("nothing"),
        }));
        Assert.Contains(refused.Problems, problem => problem.Id == diagnostic && problem.Name == setting);
    }

    [Theory]
    [InlineData("pfx", null)]
    [InlineData("pfx", "secret")]
    [InlineData("pem", null)]
    [InlineData("pem", "secret")]
    public void A_client_certificate_is_read_from_pfx_and_pem(string form, string? password)
    {
        using var made = Certificate();
        using var key = made.GetRSAPrivateKey()!;
        var path = _folder.In("client." + form);
        if (form == "pfx")
        {
            File.WriteAllBytes(path, made.Export(X509ContentType.Pkcs12, password));
        }
        else
        {
            // The key first: people concatenate in either order.
            var pem = password is null
                ? key.ExportPkcs8PrivateKeyPem()
                : key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
            File.WriteAllText(path, pem + "\n" + made.ExportCertificatePem());
        }

        using var read = ClientCertificateFile.Load(path, password);
        Assert.Equal(made.Thumbprint, read.Thumbprint);
        Assert.True(read.HasPrivateKey);
    }

    [Fact]
    public void A_certificate_without_its_key_is_refused()
    {
        using var made = Certificate();
        File.WriteAllText(_folder.In("public.pem"), made.ExportCertificatePem());
        Assert.Throws<CryptographicException>(() => ClientCertificateFile.Load(_folder.In("public.pem"), null));
    }

    public void Dispose() => _folder.Dispose();

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        return new CertificateRequest("CN=gateway", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(80));
    }
}
