namespace Postern.EndToEnd.Tests.Clients;

/// <summary><c>az ad</c>: what registering a gateway's application takes.</summary>
public sealed class AzureCliDirectoryTests(RunningSystem system, RegisteredApp app) : IClassFixture<RegisteredApp>
{
    [Fact]
    public async Task An_app_is_registered_and_logs_in_with_each_credential_that_it_was_given()
    {
        using var az = await system.Cli.ReadyAsync();
        var client = (await az.RunAsync("ad app create --display-name az-gateway"))["appId"]!.GetValue<string>();
        var principal = await az.RunAsync("ad sp create --id", client);
        Assert.Equal("az-gateway", principal["displayName"]!.GetValue<string>());
        Assert.Contains(client, principal["servicePrincipalNames"]!.AsArray().Select(name => name!.GetValue<string>()));
        var secret = (await az.RunAsync("ad app credential reset --append --id", client))["password"]!.GetValue<string>();
        await az.RunAsync("ad app credential reset --append --id", client, "--cert", "@" + app.PublicCertificateFile);
        await az.RunAsync("ad app federated-credential create --id", client, "--parameters", "@" + az.File("federated.json", app.FederatedCredential("cluster").ToJsonString()));
        Assert.Single((await az.RunAsync("ad app federated-credential list --id", client)).AsArray());

        using var other = await system.Cli.CloudAsync();
        foreach (var proof in (string[][])[["--password", secret], ["--password", app.CertificateFile], ["--federated-token", app.Token]])
        {
            await other.LoginAsync(client, system["AZURE_TENANT_ID"], proof);
        }

        await az.RunAsync("ad app delete --id", client);
        Assert.Contains("AADSTS700016", await other.RefusedAsync("login --service-principal --username", client, "--password", secret, "--tenant", system["AZURE_TENANT_ID"]), StringComparison.Ordinal);
    }
}
