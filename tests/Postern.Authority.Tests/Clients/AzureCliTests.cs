using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postern.Authority.Tests.Assertions;
using Postern.Testing;

namespace Postern.Authority.Tests.Clients;

/// <summary>The Azure CLI, unmodified, over TLS.</summary>
public sealed class AzureCliTests(SharedAuthority shared) : IClassFixture<SharedAuthority>, IAsyncLifetime
{
    private EmptyResourceManager _manager = null!;
    private AzureCli _az = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(AzureCli.IsInstalled, "The Azure CLI is not installed (Debian package azure-cli).");
        _manager = await EmptyResourceManager.StartAsync(shared.Authority.Certificates.IssueLoopback());
        _az = new(shared.Authority.Certificates.CaFile, new(shared.Authority.Origin), _manager.Address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_az is not null)
        {
            _az.Dispose();
            await _manager.DisposeAsync();
        }
    }

    [Fact]
    public async Task It_registers_an_application_that_logs_in_with_a_secret_a_certificate_and_a_federated_token()
    {
        await LoginAsync(TestAuthority.Operator.ClientId, "--password", TestAuthority.Operator.Secret!);
        Assert.Equal(_manager.Address.AbsoluteUri, TokenReader.Claims(_manager.Token)["aud"]!.GetValue<string>());

        var application = (await _az.RunAsync("ad", "app", "create", "--display-name", "gateway"))!;
        var client = application["appId"]!.GetValue<string>();
        var principal = (await _az.RunAsync("ad", "sp", "create", "--id", client))!["id"]!.GetValue<string>();
        var shown = (await _az.RunAsync("ad", "sp", "show", "--id", client))!;
        Assert.Equal(principal, shown["id"]!.GetValue<string>());
        var secret = (await _az.RunAsync("ad", "app", "credential", "reset", "--id", client))!["password"]!.GetValue<string>();

        var pem = Path.Combine(shared.Authority.Folder, "client.pem");
        await File.WriteAllTextAsync(pem, ClientCertificates.First.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n" + ClientCertificates.First.ExportCertificatePem() + "\n");
        await _az.RunAsync("ad", "app", "credential", "reset", "--id", client, "--append", "--cert", "@" + pem);

        await using var issuer = await TestIssuer.StartAsync(shared.Authority.Certificates.IssueLoopback());
        const string subject = "system:serviceaccount:apim:gateway";
        await _az.RunAsync("ad", "app", "federated-credential", "create", "--id", client, "--parameters", new JsonObject
        {
            ["name"] = "cluster",
            ["issuer"] = issuer.Issuer,
            ["subject"] = subject,
            ["audiences"] = new JsonArray(TestIssuer.TokenExchange),
        }.ToJsonString());
        var credentials = (await _az.RunAsync("ad", "app", "federated-credential", "list", "--id", client))!.AsArray();
        Assert.Equal(subject, Assert.Single(credentials)!["subject"]!.GetValue<string>());

        foreach (var proof in (string[][])
        [
            ["--password", secret],
            ["--password", pem],
            ["--password", pem, "--use-cert-sn-issuer"],
            ["--federated-token", issuer.Token(subject, shared.Authority.Clock.GetUtcNow())],
        ])
        {
            await LoginAsync(client, proof);
            Assert.Equal(principal, TokenReader.Claims(_manager.Token)["oid"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task It_keeps_groups_and_takes_credentials_away()
    {
        await LoginAsync(TestAuthority.Operator.ClientId, "--password", TestAuthority.Operator.Secret!);

        var group = (await _az.RunAsync("ad", "group", "create", "--display-name", "readers", "--mail-nickname", "readers"))!["id"]!.GetValue<string>();
        await _az.RunAsync("ad", "group", "member", "add", "--group", group, "--member-id", TestAuthority.Reader.ObjectId);
        var check = (await _az.RunAsync("ad", "group", "member", "check", "--group", group, "--member-id", TestAuthority.Reader.ObjectId))!;
        Assert.True(check["value"]!.GetValue<bool>());
        Assert.Equal("reader", Assert.Single((await _az.RunAsync("ad", "group", "member", "list", "--group", group))!.AsArray())!["displayName"]!.GetValue<string>());

        var client = (await _az.RunAsync("ad", "sp", "create-for-rbac", "--name", "temporary"))!["appId"]!.GetValue<string>();
        var secret = Assert.Single((await _az.RunAsync("ad", "app", "credential", "list", "--id", client))!.AsArray())!["keyId"]!.GetValue<string>();
        await _az.RunAsync("ad", "app", "credential", "delete", "--id", client, "--key-id", secret);
        Assert.Empty((await _az.RunAsync("ad", "app", "credential", "list", "--id", client))!.AsArray());
        await _az.RunAsync("ad", "app", "delete", "--id", client);
        Assert.NotEqual(0, (await _az.TryAsync("ad", "app", "show", "--id", client)).Code);
    }

    [Fact]
    public async Task It_tells_why_a_login_was_refused()
    {
        var (code, _, errors) = await _az.TryAsync(
            "login", "--service-principal", "--allow-no-subscriptions", "--tenant", TestAuthority.Tenant, "--username", TestAuthority.Reader.ClientId, "--password", "wrong");

        Assert.NotEqual(0, code);
        Assert.Contains("AADSTS7000215", errors, StringComparison.Ordinal);
    }

    private Task<JsonNode?> LoginAsync(string client, params string[] proof) =>
        _az.RunAsync(["login", "--service-principal", "--allow-no-subscriptions", "--tenant", TestAuthority.Tenant, "--username", client, .. proof]);
}
