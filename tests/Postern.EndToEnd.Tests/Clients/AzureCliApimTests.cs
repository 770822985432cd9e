using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary><c>az apim</c>: services, APIs with everything below them, products and named values.</summary>
[Collection(ClientsCollection.Name)]
public sealed class AzureCliApimTests(RunningSystem system, OperatorCli cli)
{
    private const string Pets = """
        {"openapi":"3.0.1","info":{"title":"Pets","version":"1"},"servers":[{"url":"https://pets.example/v1"}],"paths":{
          "/pets":{"get":{"operationId":"listPets","responses":{"200":{"description":"ok"}}}},
          "/pets/{id}":{"get":{"operationId":"getPet","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"ok"}}}}}}
        """;

    private string Where => $"-g {system["RESOURCE_GROUP"]} --service-name {system["SERVICE_NAME"]}";

    [Fact]
    public async Task It_finds_the_service_and_imports_lists_changes_and_deletes_an_api()
    {
        var az = await cli.ReadyAsync();
        var service = await az.RunAsync($"apim show -g {system["RESOURCE_GROUP"]} -n {system["SERVICE_NAME"]}");
        Assert.Equal(system.Service, service["id"]!.GetValue<string>());
        Assert.Equal("SystemAssigned", service["identity"]!["type"]!.GetValue<string>());
        Assert.Equal(system.Service, Assert.Single((await az.RunAsync("apim list")).AsArray())!["id"]!.GetValue<string>());
        Assert.False((await az.RunAsync($"apim check-name -n {system["SERVICE_NAME"]}"))["nameAvailable"]!.GetValue<bool>());

        var document = az.File("pets.json", Pets);
        var imported = await az.RunAsync($"apim api import {Where} --api-id az-pets --path az-pets --specification-format OpenApiJson --specification-path", document);
        Assert.Equal("Pets", imported["displayName"]!.GetValue<string>());
        Assert.Equal("https://pets.example/v1", imported["serviceUrl"]!.GetValue<string>());
        Assert.Contains("az-pets", Names(await az.RunAsync($"apim api list {Where}")));
        Assert.Equal(["getPet", "listPets"], Names(await az.RunAsync($"apim api operation list {Where} --api-id az-pets")).Order());
        Assert.Equal("/pets/{id}", (await az.RunAsync($"apim api operation show {Where} --api-id az-pets --operation-id getPet"))["urlTemplate"]!.GetValue<string>());
        Assert.Equal("mine", (await az.RunAsync($"apim api update {Where} --api-id az-pets --description mine"))["description"]!.GetValue<string>());
        Assert.Equal("mine", (await az.RunAsync($"apim api show {Where} --api-id az-pets"))["description"]!.GetValue<string>());

        await az.RunAsync($"apim api revision create {Where} --api-id az-pets --api-revision 2");
        Assert.Equal(["1", "2"], (await az.RunAsync($"apim api revision list {Where} --api-id az-pets")).AsArray().Select(item => item!["apiRevision"]!.GetValue<string>()).Order());

        await az.RunAsync($"apim product api add {Where} --product-id starter --api-id az-pets");
        Assert.Contains("az-pets", Names(await az.RunAsync($"apim product api list {Where} --product-id starter")));
        await az.RunAsync($"apim product api delete {Where} --product-id starter --api-id az-pets");

        await az.RunAsync($"apim api delete {Where} --api-id az-pets --delete-revisions true --yes");
        Assert.Contains("ResourceNotFound", await az.RefusedAsync($"apim api show {Where} --api-id az-pets"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mended_it_also_makes_operations_releases_schemas_products_and_named_values()
    {
        var az = await cli.ReadyAsync();
        await az.RunAsync($"apim api create {Where} --api-id az-made --path az-made --display-name Made");
        await az.MendedAsync($"apim api operation create {Where} --api-id az-made --operation-id one --display-name One --method GET --url-template /a/{{b}} --template-parameters name=b type=string required=true");
        var changed = await az.MendedAsync($"apim api operation update {Where} --api-id az-made --operation-id one --description changed");
        Assert.Equal(("changed", "/a/{b}"), (changed["description"]!.GetValue<string>(), changed["urlTemplate"]!.GetValue<string>()));
        await az.RunAsync($"apim api operation delete {Where} --api-id az-made --operation-id one");
        await az.MendedAsync($"apim api schema create {Where} --api-id az-made --schema-id shape --schema-type application/json --schema-content", """{"type":"object"}""");
        Assert.Equal(["shape"], Names(await az.RunAsync($"apim api schema list {Where} --api-id az-made")));
        await az.RunAsync($"apim api revision create {Where} --api-id az-made --api-revision 2");
        await az.MendedAsync($"apim api release create {Where} --api-id az-made --api-revision 2 --release-id now --notes out");
        Assert.Equal("2", (await az.RunAsync($"apim api show {Where} --api-id az-made"))["apiRevision"]!.GetValue<string>());
        await az.RunAsync($"apim api delete {Where} --api-id az-made --delete-revisions true --yes");

        await az.MendedAsync($"apim product create {Where} --product-id az-product --product-name az-product --subscription-required true --state published");
        Assert.Equal("published", (await az.RunAsync($"apim product show {Where} --product-id az-product"))["state"]!.GetValue<string>());
        await az.RunAsync($"apim product delete {Where} --product-id az-product --yes");

        await az.MendedAsync($"apim nv create {Where} --named-value-id az-color --display-name az-color --value blue --secret true");
        var shown = await az.RunAsync($"apim nv show {Where} --named-value-id az-color");
        Assert.True(shown["secret"]!.GetValue<bool>());
        Assert.Null(shown["value"]);
        Assert.Equal("blue", (await az.RunAsync($"apim nv show-secret {Where} --named-value-id az-color"))["value"]!.GetValue<string>());
        await az.MendedAsync($"apim nv update {Where} --named-value-id az-color --value red");
        Assert.Equal("red", (await az.RunAsync($"apim nv show-secret {Where} --named-value-id az-color"))["value"]!.GetValue<string>());
        Assert.Contains("az-color", Names(await az.RunAsync($"apim nv list {Where}")));
        await az.RunAsync($"apim nv delete {Where} --named-value-id az-color --yes");
    }

    [Fact]
    public async Task A_system_of_its_own_gets_a_second_service_and_loses_it_again()
    {
        await using var own = new RunningSystem();
        await own.InitializeAsync();
        using var az = await OperatorCli.FromMetadataAsync(own);
        await az.LoginAsync(own["AZURE_CLIENT_ID"], own["AZURE_TENANT_ID"], "--password", own["AZURE_CLIENT_SECRET"]);

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

    [Fact]
    public async Task A_deleted_services_gateway_is_refused_and_serves_on_and_follows_again_when_the_service_is_restored()
    {
        await using var own = new RunningSystem();
        await own.InitializeAsync();
        using var az = await OperatorCli.FromMetadataAsync(own);
        await az.LoginAsync(own["AZURE_CLIENT_ID"], own["AZURE_TENANT_ID"], "--password", own["AZURE_CLIENT_SECRET"]);
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

    private static IEnumerable<string> Names(JsonNode list) => list.AsArray().Select(item => item!["name"]!.GetValue<string>());
}
