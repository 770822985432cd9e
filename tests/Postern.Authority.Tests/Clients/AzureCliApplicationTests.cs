using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postern.Authority.Tests.Assertions;
using Postern.Testing;

namespace Postern.Authority.Tests.Clients;

/// <summary>An application with every credential that it can have.</summary>
public sealed class AzureCliApplicationTests(SharedAuthority shared) : AzureCliSession(shared)
{
    [Fact]
    public async Task It_registers_an_application_that_logs_in_with_a_secret_a_certificate_and_a_federated_token()
    {
        await LoginAsync(TestAuthority.Operator.ClientId, "--password", TestAuthority.Operator.Secret!);
        Assert.Equal(Manager.Address.AbsoluteUri, TokenReader.Claims(Manager.Token)["aud"]!.GetValue<string>());

        var application = (await Az.RunAsync("ad", "app", "create", "--display-name", "gateway"))!;
        var client = application["appId"]!.GetValue<string>();
        var principal = (await Az.RunAsync("ad", "sp", "create", "--id", client))!["id"]!.GetValue<string>();
        var shown = (await Az.RunAsync("ad", "sp", "show", "--id", client))!;
        Assert.Equal(principal, shown["id"]!.GetValue<string>());
        var secret = (await Az.RunAsync("ad", "app", "credential", "reset", "--id", client))!["password"]!.GetValue<string>();

        var pem = Path.Combine(Authority.Folder, "client.pem");
        await File.WriteAllTextAsync(pem, ClientCertificates.First.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n" + ClientCertificates.First.ExportCertificatePem() + "\n");
        await Az.RunAsync("ad", "app", "credential", "reset", "--id", client, "--append", "--cert", "@" + pem);

        await using var issuer = await TestIssuer.StartAsync(Authority.Certificates.IssueLoopback());
        const string subject = "system:serviceaccount:apim:gateway";
        await Az.RunAsync("ad", "app", "federated-credential", "create", "--id", client, "--parameters", new JsonObject
        {
            ["name"] = "cluster",
            ["issuer"] = issuer.Issuer,
            ["subject"] = subject,
            ["audiences"] = new JsonArray(TestIssuer.TokenExchange),
        }.ToJsonString());
        var credentials = (await Az.RunAsync("ad", "app", "federated-credential", "list", "--id", client))!.AsArray();
        Assert.Equal(subject, Assert.Single(credentials)!["subject"]!.GetValue<string>());

        foreach (var proof in (string[][])
        [
            ["--password", secret],
            ["--password", pem],
            ["--password", pem, "--use-cert-sn-issuer"],
            ["--federated-token", issuer.Token(subject, Authority.Clock.GetUtcNow())],
        ])
        {
            await LoginAsync(client, proof);
            Assert.Equal(principal, TokenReader.Claims(Manager.Token)["oid"]!.GetValue<string>());
        }
    }
}
