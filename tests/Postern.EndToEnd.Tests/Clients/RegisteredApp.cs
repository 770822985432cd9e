using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>An Entra application that can prove itself in every way: by a secret, a certificate, or the token of a Kubernetes cluster.</summary>
public sealed class RegisteredApp(RunningSystem system) : IAsyncLifetime
{
    private const string Subject = "system:serviceaccount:apim:gateway";

    private readonly TemporaryFolder _folder = new();
    private TestIssuer _issuer = null!;

    public string ClientId { get; private set; } = "";

    /// <summary>Object id of its service principal.</summary>
    public string PrincipalId { get; private set; } = "";

    public string Secret { get; private set; } = "";

    /// <summary>PEM file with key and certificate.</summary>
    public string CertificateFile => _folder.In("client.pem");

    /// <summary>PEM file that anybody may see.</summary>
    public string PublicCertificateFile => _folder.In("public.pem");

    /// <summary>File with a token as Kubernetes projects it.</summary>
    public string TokenFile => _folder.In("token");

    public string Token => _issuer.Token(Subject, TimeProvider.System.GetUtcNow());

    /// <summary>A token of the right issuer for another service account.</summary>
    public string ForeignToken => _issuer.Token("system:serviceaccount:apim:other", TimeProvider.System.GetUtcNow());

    internal JsonObject FederatedCredential(string name) => new()
    {
        ["name"] = name,
        ["issuer"] = _issuer.Issuer,
        ["subject"] = Subject,
        ["audiences"] = new JsonArray(TestIssuer.TokenExchange),
    };

    public async ValueTask InitializeAsync()
    {
        _issuer = await TestIssuer.StartAsync(system.Certificates.IssueLoopback());
        await File.WriteAllTextAsync(TokenFile, Token);
        var certificate = await WriteCertificateAsync();

        var application = await GraphAsync("applications", new JsonObject
        {
            ["displayName"] = "registered-app",
            ["keyCredentials"] = new JsonArray(new JsonObject { ["type"] = "AsymmetricX509Cert", ["usage"] = "Verify", ["key"] = Convert.ToBase64String(certificate) }),
        });
        ClientId = application["appId"]!.GetValue<string>();
        PrincipalId = (await GraphAsync("servicePrincipals", new JsonObject { ["appId"] = ClientId }))["id"]!.GetValue<string>();
        Secret = (await GraphAsync($"applications/{application["id"]}/addPassword", new JsonObject { ["passwordCredential"] = new JsonObject { ["displayName"] = "test" } }))["secretText"]!.GetValue<string>();
        await GraphAsync($"applications/{application["id"]}/federatedIdentityCredentials", FederatedCredential("cluster"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_issuer is not null)
        {
            await _issuer.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<byte[]> WriteCertificateAsync()
    {
        using var key = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=registered-app", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddHours(-1), now.AddDays(30));
        var pem = certificate.ExportCertificatePem();
        await File.WriteAllTextAsync(PublicCertificateFile, pem + "\n");
        await File.WriteAllTextAsync(CertificateFile, $"{key.ExportPkcs8PrivateKeyPem()}\n{pem}\n");
        return certificate.RawData;
    }

    private async Task<JsonNode> GraphAsync(string path, JsonNode body)
    {
        var answer = await system.GraphAsync(HttpMethod.Post, path, body);
        Assert.True(answer.Status is 200 or 201, $"POST {path}: {answer.Status} {answer.Body}");
        return answer.Json;
    }
}
