namespace Postern.EndToEnd.Tests.Clients;

/// <summary><c>az apim</c>: services that come and go, in a system where nobody else counts them.</summary>
public sealed class AzureCliServiceTests
{
    [Fact]
    public async Task A_second_service_is_made_deleted_and_purged()
    {
        await using var own = new OwnSystem();
        await own.InitializeAsync();
        using var az = await own.Cli.ReadyAsync();

        await az.RunAsync("group create -n az-group -l westeurope");
        var made = await az.RunAsync("apim create -g az-group -n az-service -l westeurope --sku-name Developer --publisher-name Az --publisher-email az@example.com --enable-managed-identity true");
        Assert.Equal("Succeeded", made["provisioningState"]!.GetValue<string>());
        Assert.True(Guid.TryParse(made["identity"]!["principalId"]!.GetValue<string>(), out _));
        Assert.Equal(2, (await az.RunAsync("apim list")).AsArray().Count);
        await az.RunAsync("apim delete -g az-group -n az-service --yes");
        Assert.Single((await az.RunAsync("apim list")).AsArray());
        var deleted = Assert.Single((await az.RunAsync("apim deletedservice list")).AsArray())!;
        Assert.Equal(("az-service", "westeurope", made["id"]!.GetValue<string>()), (deleted["name"]!.GetValue<string>(), deleted["location"]!.GetValue<string>(), deleted["serviceId"]!.GetValue<string>()));
        Assert.Equal(deleted["deletionDate"]!.GetValue<string>(), (await az.RunAsync("apim deletedservice show -l westeurope --service-name az-service"))["deletionDate"]!.GetValue<string>());
        Assert.False((await az.RunAsync("apim check-name -n az-service"))["nameAvailable"]!.GetValue<bool>());
        var taken = await az.RefusedAsync("apim create -g az-group -n az-service -l westeurope --sku-name Developer --publisher-name Az --publisher-email az@example.com");
        Assert.Contains("ServiceAlreadyExistsInSoftDeletedState", taken, StringComparison.Ordinal);
        await az.RunAsync("apim deletedservice purge -l westeurope --service-name az-service");
        Assert.Empty((await az.RunAsync("apim deletedservice list")).AsArray());
        await az.RunAsync("group delete -n az-group --yes");
    }
}
