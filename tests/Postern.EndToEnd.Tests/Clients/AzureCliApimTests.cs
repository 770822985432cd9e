using System.Text.Json.Nodes;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary><c>az apim</c>: services, APIs with everything below them, products and named values.</summary>
public sealed class AzureCliApimTests(RunningSystem system)
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
        using var az = await system.Cli.ReadyAsync();
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
        using var az = await system.Cli.ReadyAsync();
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

    private static IEnumerable<string> Names(JsonNode list) => list.AsArray().Select(item => item!["name"]!.GetValue<string>());
}
