using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>The end of the scenario, in a system of its own: while a role is taken away, no gateway there gets its configuration.</summary>
public sealed class TakenRoleTests(OwnSystem system) : IClassFixture<OwnSystem>
{
    [Fact]
    public async Task A_gateway_without_its_roles_is_refused_says_so_once_and_goes_on_serving()
    {
        var roles = await GatewayRoles.OfAsync(system);
        await using var gateway = RunningSystem.StartGateway(system.GatewaySettings());
        var address = await RunningSystem.HttpAddressAsync(gateway);
        await ReadyAsync(address);

        // First the application's role, then that of the service's identity.
        await RefusedAsync(roles.ReaderAssignment, gateway, address, roles.App, "Microsoft.ApiManagement/service/gateways/getConfiguration/action");
        await RefusedAsync(roles.ValidatorAssignment, gateway, address, roles.Identity, "Microsoft.Authorization/");
    }

    private async Task RefusedAsync(JsonNode assignment, PosternProcess gateway, Uri address, string principal, string action)
    {
        var seen = Refusals(gateway);
        Assert.Equal(200, (await system.ArmAsync(HttpMethod.Delete, assignment["id"]!.GetValue<string>())).Status);

        // The configuration API tells the reason: the missing action and whose it would be.
        await using var fresh = RunningSystem.StartGateway(system.GatewaySettings());
        var line = await fresh.LineAsync(line => line.Contains("ConfigurationApiV2NotAvailable", StringComparison.Ordinal) && line.Contains("AuthorizationFailed", StringComparison.Ordinal));
        Assert.Contains(action, line, StringComparison.Ordinal);
        Assert.Contains(principal, line, StringComparison.Ordinal);
        Assert.Contains(system.Group, line, StringComparison.OrdinalIgnoreCase);

        // One that never had a configuration is not ready and answers 503.
        var freshAddress = await RunningSystem.HttpAddressAsync(fresh);
        Assert.Equal(503, (await system.CallAsync("/status-0123456789abcdef", gateway: Root(freshAddress))).Status);
        Assert.Equal(503, (await system.CallAsync("/sales/orders/17", gateway: Root(freshAddress))).Status);

        // The one that has a configuration notices within 5 s, says so once, and keeps serving.
        await Until.TrueAsync("the running gateway logged the refusal", () => Task.FromResult(Refusals(gateway) > seen), 20);
        Assert.Equal(200, (await system.CallAsync("/status-0123456789abcdef", gateway: Root(address))).Status);
        Assert.Equal(200, (await system.CallAsync("/sales/orders/17", gateway: Root(address))).Status);
        Assert.Equal(seen + 1, Refusals(gateway));

        // Given back, the new one becomes ready without a restart.
        var back = await system.ArmAsync(HttpMethod.Put, assignment["id"]!.GetValue<string>(), new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["roleDefinitionId"] = assignment["properties"]!["roleDefinitionId"]!.GetValue<string>(),
                ["principalId"] = assignment["properties"]!["principalId"]!.GetValue<string>(),
                ["principalType"] = "ServicePrincipal",
            },
        });
        Assert.Equal(201, back.Status);
        await ReadyAsync(freshAddress);
    }

    private static int Refusals(PosternProcess gateway) => gateway.Output.Split('\n').Count(line => line.Contains("ConfigurationApiV2NotAvailable", StringComparison.Ordinal));

    private Task ReadyAsync(Uri address) => Until.TrueAsync($"{address} is ready", async () =>
        (await system.CallAsync("/status-0123456789abcdef", gateway: Root(address))).Status == 200, 60);

    private static string Root(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
