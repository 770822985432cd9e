using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>What becomes of gateways whose service <c>az</c> deletes and restores, in a system that nobody else needs meanwhile.</summary>
public sealed class DeletedServiceTests
{
    [Fact]
    public async Task A_deleted_services_gateway_is_refused_and_serves_on_and_follows_again_when_the_service_is_restored()
    {
        await using var own = new OwnSystem();
        await own.InitializeAsync();
        using var az = await own.Cli.ReadyAsync();
        await using var gateway = RunningSystem.StartGateway(own.GatewaySettings());
        var address = (await RunningSystem.HttpAddressAsync(gateway)).AbsoluteUri.TrimEnd('/');
        await Until.TrueAsync("the gateway serves", async () => (await own.CallAsync("/sales/orders/17", gateway: address)).Status == 200);

        await az.RunAsync($"apim delete -g {own["RESOURCE_GROUP"]} -n {own["SERVICE_NAME"]} --yes");

        await gateway.LineAsync(line => line.Contains("ConfigurationApiV2NotAvailable", StringComparison.Ordinal));
        Assert.Equal(200, (await own.CallAsync("/sales/orders/17", gateway: address)).Status);
        await using var fresh = RunningSystem.StartGateway(own.GatewaySettings());
        await fresh.LineAsync(line => line.Contains("ConfigurationApiV2NotAvailable", StringComparison.Ordinal));
        var freshAddress = (await RunningSystem.HttpAddressAsync(fresh)).AbsoluteUri.TrimEnd('/');
        Assert.Equal(503, (await own.CallAsync("/sales/orders/17", gateway: freshAddress)).Status);

        var restored = await az.RunAsync($"rest --method put --url {own.Service}?api-version=2024-05-01", "--body", """{"properties":{"restore":true}}""");
        Assert.Equal(own.Service, restored["id"]!.GetValue<string>());
        var policy = "<policies><inbound><return-response><set-status code=\"299\" /></return-response></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>";
        Assert.Equal(200, (await own.ArmAsync(HttpMethod.Put, $"{own.Service}/apis/orders/policies/policy", new JsonObject { ["properties"] = new JsonObject { ["format"] = "rawxml", ["value"] = policy } })).Status);
        await Until.TrueAsync("the gateways follow", async () => (await own.CallAsync("/sales/orders/17", gateway: address)).Status == 299
            && (await own.CallAsync("/sales/orders/17", gateway: freshAddress)).Status == 299, 60);
    }
}
