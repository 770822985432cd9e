using System.Security.Cryptography.X509Certificates;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.ResourceManager;
using Azure.ResourceManager.Resources;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>Azure.Identity's credentials and Azure.ResourceManager's generic resources.</summary>
public sealed class AzureSdkTests(RunningSystem system, RegisteredApp app) : IClassFixture<RegisteredApp>
{
    private HttpClientTransport Transport => new(system.Http);

    [Fact]
    public async Task A_secret_a_certificate_and_a_workload_identity_get_tokens()
    {
        using var certificate = X509Certificate2.CreateFromPemFile(app.CertificateFile);
        foreach (var credential in (TokenCredential[])
        [
            new ClientSecretCredential(system["AZURE_TENANT_ID"], app.ClientId, app.Secret, Options(new ClientSecretCredentialOptions { DisableInstanceDiscovery = true })),
            new ClientCertificateCredential(system["AZURE_TENANT_ID"], app.ClientId, certificate, Options(new ClientCertificateCredentialOptions { DisableInstanceDiscovery = true })),
            new ClientCertificateCredential(system["AZURE_TENANT_ID"], app.ClientId, certificate, Options(new ClientCertificateCredentialOptions { DisableInstanceDiscovery = true, SendCertificateChain = true })),
            new WorkloadIdentityCredential(Options(new WorkloadIdentityCredentialOptions { DisableInstanceDiscovery = true, TenantId = system["AZURE_TENANT_ID"], ClientId = app.ClientId, TokenFilePath = app.TokenFile })),
        ])
        {
            var token = await credential.GetTokenAsync(new([$"{system["ARM_ENDPOINT"]}/.default"]), TestContext.Current.CancellationToken);
            var claims = System.Text.Json.Nodes.JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Token.Split('.')[1]))!;
            Assert.Equal(app.PrincipalId, claims["oid"]!.GetValue<string>());
            Assert.True(Math.Abs(token.ExpiresOn.ToUnixTimeSeconds() - claims["exp"]!.GetValue<long>()) < 10);
        }
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_with_Entras_words()
    {
        var credential = new ClientSecretCredential(system["AZURE_TENANT_ID"], app.ClientId, "wrong", Options(new ClientSecretCredentialOptions { DisableInstanceDiscovery = true }));
        var refusal = await Assert.ThrowsAsync<AuthenticationFailedException>(async () => await credential.GetTokenAsync(new([$"{system["ARM_ENDPOINT"]}/.default"]), TestContext.Current.CancellationToken));
        Assert.Contains("AADSTS7000215", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generic_resources_are_found_made_changed_and_deleted()
    {
        var operatorCredential = new ClientSecretCredential(
            system["AZURE_TENANT_ID"], system["AZURE_CLIENT_ID"], system["AZURE_CLIENT_SECRET"], Options(new ClientSecretCredentialOptions { DisableInstanceDiscovery = true }));
        var arm = new ArmClient(operatorCredential, system["AZURE_SUBSCRIPTION_ID"], new ArmClientOptions
        {
            Environment = new ArmEnvironment(new Uri(system["ARM_ENDPOINT"]), system["ARM_ENDPOINT"]),
            Transport = Transport,
        });
        var cancellation = TestContext.Current.CancellationToken;
        var subscription = await arm.GetDefaultSubscriptionAsync(cancellation);
        Assert.Equal(system["AZURE_SUBSCRIPTION_ID"], subscription.Data.SubscriptionId);
        ResourceGroupResource group = await subscription.GetResourceGroupAsync(system["RESOURCE_GROUP"], cancellation);
        var found = new List<string>();
        await foreach (var resource in group.GetGenericResourcesAsync(filter: "resourceType eq 'Microsoft.ApiManagement/service'", cancellationToken: cancellation))
        {
            found.Add(resource.Id.ToString());
        }

        Assert.Equal([system.Service], found);

        var id = new ResourceIdentifier($"{system.Service}/gateways/dotnet-gateway");
        var data = new GenericResourceData(new AzureLocation("local")) { Properties = BinaryData.FromString("""{"description":"made","locationData":{"name":"here"}}""") };
        Assert.False((await arm.GetGenericResources().ExistsAsync(id, cancellation)).Value);
        var made = (await arm.GetGenericResources().CreateOrUpdateAsync(WaitUntil.Completed, id, data, cancellation)).Value;
        Assert.Contains("made", made.Data.Properties.ToString(), StringComparison.Ordinal);
        Assert.True((await arm.GetGenericResources().ExistsAsync(id, cancellation)).Value);
        await made.DeleteAsync(WaitUntil.Completed, cancellation);
        var gone = await Assert.ThrowsAsync<RequestFailedException>(async () => await made.GetAsync(cancellation));
        Assert.Equal((404, "ResourceNotFound"), (gone.Status, gone.ErrorCode));
    }

    private T Options<T>(T options)
        where T : TokenCredentialOptions
    {
        options.AuthorityHost = new Uri(system["AZURE_AUTHORITY_HOST"]);
        options.Transport = Transport;
        return options;
    }
}
