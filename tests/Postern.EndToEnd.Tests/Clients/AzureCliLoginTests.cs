using System.Text.Json.Nodes;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>How the Azure CLI comes to know the system, and all the ways to log in.</summary>
public sealed class AzureCliLoginTests(RunningSystem system, RegisteredApp app) : IClassFixture<RegisteredApp>
{
    [Fact]
    public async Task The_operator_logs_in_at_a_cloud_learnt_from_its_metadata()
    {
        using var az = await system.Cli.ReadyAsync();

        var cloud = await az.RunAsync("cloud show");
        Assert.Equal("Postern", cloud["name"]!.GetValue<string>());
        Assert.Equal(system["ARM_ENDPOINT"] + "/", cloud["endpoints"]!["resourceManager"]!.GetValue<string>());
        Assert.Equal(system["AZURE_AUTHORITY_HOST"], cloud["endpoints"]!["microsoftGraphResourceId"]!.GetValue<string>());

        var account = await az.RunAsync("account show");
        Assert.Equal(system["AZURE_SUBSCRIPTION_ID"], account["id"]!.GetValue<string>());
        Assert.Equal(system["AZURE_TENANT_ID"], account["tenantId"]!.GetValue<string>());
        Assert.Single((await az.RunAsync("account list --refresh")).AsArray());
        Assert.Equal(system["RESOURCE_GROUP"], Assert.Single((await az.RunAsync("group list --query", $"[?name=='{system["RESOURCE_GROUP"]}']")).AsArray())!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_app_logs_in_at_a_registered_cloud_with_every_proof()
    {
        using var az = new AzureCli(system);
        await az.RunAsync("cloud register -n local --endpoint-resource-manager", system["ARM_ENDPOINT"], "--endpoint-active-directory", az.Authority);
        await az.RunAsync("cloud set -n local");

        foreach (var proof in (string[][])
        [
            ["--password", app.Secret],
            ["--password", app.CertificateFile],
            ["--password", app.CertificateFile, "--use-cert-sn-issuer"],
            ["--federated-token", app.Token],
        ])
        {
            await az.LoginAsync(app.ClientId, system["AZURE_TENANT_ID"], proof);
            Assert.Equal(app.PrincipalId, await ObjectIdAsync(az));
        }
    }

    [Fact]
    public async Task A_refused_login_says_why()
    {
        using var az = await system.Cli.CloudAsync();
        const string login = "login --service-principal";
        string[] who = ["--username", app.ClientId, "--tenant", system["AZURE_TENANT_ID"]];
        Assert.Contains("AADSTS7000215", await az.RefusedAsync(login, [.. who, "--password", "wrong"]), StringComparison.Ordinal);
        Assert.Contains("AADSTS70021", await az.RefusedAsync(login, [.. who, "--federated-token", app.ForeignToken]), StringComparison.Ordinal);
        Assert.Contains("AADSTS50027", await az.RefusedAsync(login, [.. who, "--federated-token", "not.a.token"]), StringComparison.Ordinal);
    }

    /// <summary>The principal of the token that the client sends.</summary>
    private static async Task<string> ObjectIdAsync(AzureCli az)
    {
        var token = (await az.RunAsync("account get-access-token"))["accessToken"]!.GetValue<string>();
        return JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]))!["oid"]!.GetValue<string>();
    }
}
