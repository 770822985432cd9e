using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>The commands of <c>az</c> that the other sessions have no use for; with those, every command that docs/clients.md names.</summary>
public sealed class AzureCliOtherVerbsTests(RunningSystem system)
{
    private static readonly string Definitions = Path.Combine(GeneratedDocument.Root, "tests", "clients", "azure-cli", "definitions");

    private string Where => $"-g {system["RESOURCE_GROUP"]} --service-name {system["SERVICE_NAME"]}";

    [Fact]
    public async Task Services_groups_and_providers_are_listed_changed_and_waited_for()
    {
        using var az = await system.Cli.ReadyAsync();
        var name = system["SERVICE_NAME"];
        Assert.Equal([name], Names(await az.RunAsync($"apim list -g {system["RESOURCE_GROUP"]}")));
        Assert.Equal("By az", Text(await az.RunAsync($"apim update -g {system["RESOURCE_GROUP"]} -n {name} --publisher-name", "By az"), "publisherName"));
        await az.RunAsync($"apim wait -g {system["RESOURCE_GROUP"]} -n {name} --created");
        Assert.Equal([name], Names(await az.RunAsync("resource list --resource-type Microsoft.ApiManagement/service")));
        Assert.Equal("Microsoft.ApiManagement", Text(await az.RunAsync("provider show -n Microsoft.ApiManagement"), "namespace"));
        Assert.Contains(system["RESOURCE_GROUP"], Names(await az.RunAsync("group list")));
        Assert.Equal(system["RESOURCE_GROUP"], Text(await az.RunAsync($"group show -n {system["RESOURCE_GROUP"]}"), "name"));
        Assert.Equal(system["AZURE_SUBSCRIPTION_ID"], Text(await az.RunAsync("account show"), "id"));
        Assert.Equal(system["AZURE_SUBSCRIPTION_ID"], Text(Assert.Single((await az.RunAsync("account list")).AsArray())!, "id"));
    }

    [Fact]
    public async Task Definitions_of_every_format_are_imported_one_of_them_as_a_version()
    {
        using var az = await system.Cli.ReadyAsync();
        await az.MendedAsync($"apim api versionset create {Where} --version-set-id az-set --display-name AzSet --versioning-scheme Header --version-header-name x-v");
        Assert.Contains("az-set", Names(await az.RunAsync($"apim api versionset list {Where}")));
        Assert.Equal("Other", Text(await az.MendedAsync($"apim api versionset update {Where} --version-set-id az-set --display-name Other"), "displayName"));
        Assert.Equal("x-v", Text(await az.RunAsync($"apim api versionset show {Where} --version-set-id az-set"), "versionHeaderName"));
        foreach (var (api, format, file, operation) in ((string, string, string, string)[])
        [
            ("az-yaml", "OpenApi", "pets.yaml", "list"),
            ("az-old", "Swagger", "old.json", "old"),
            ("az-soap", "Wsdl", "calculator.wsdl", "Add"),
        ])
        {
            string[] more = format == "Wsdl" ? ["--api-type", "soap", "--wsdl-service-name", "Calculator", "--wsdl-endpoint-name", "Port"]
                : api == "az-yaml" ? ["--api-version", "v1", "--api-version-set-id", "az-set"] : [];
            await az.RunAsync($"apim api import {Where} --api-id {api} --path {api} --specification-format {format} --specification-path", [Path.Combine(Definitions, file), .. more]);
            Assert.Equal([operation], Names(await az.RunAsync($"apim api operation list {Where} --api-id {api}")));
        }

        Assert.Equal("v1", Text(await az.RunAsync($"apim api show {Where} --api-id az-yaml"), "apiVersion"));
        foreach (var api in (string[])["az-yaml", "az-old", "az-soap"])
        {
            await az.RunAsync($"apim api delete {Where} --api-id {api} --yes");
        }

        await az.RunAsync($"apim api versionset delete {Where} --version-set-id az-set");
    }

    [Fact]
    public async Task Releases_schemas_products_and_named_values_are_shown_changed_and_deleted()
    {
        using var az = await system.Cli.ReadyAsync();
        await az.RunAsync($"apim api create {Where} --api-id az-other --path az-other --display-name Other");
        await az.MendedAsync($"apim api release create {Where} --api-id az-other --api-revision 1 --release-id one --notes first");
        Assert.Equal(["one"], Names(await az.RunAsync($"apim api release list {Where} --api-id az-other")));
        Assert.Equal("changed", Text(await az.MendedAsync($"apim api release update {Where} --api-id az-other --release-id one --notes changed"), "notes"));
        Assert.Equal("changed", Text(await az.RunAsync($"apim api release show {Where} --api-id az-other --release-id one"), "notes"));
        await az.RunAsync($"apim api release delete {Where} --api-id az-other --release-id one");

        await az.MendedAsync($"apim api schema create {Where} --api-id az-other --schema-id shape --schema-type application/json --schema-content", """{"type":"object"}""");
        Assert.Equal("application/json", Text(await az.RunAsync($"apim api schema show {Where} --api-id az-other --schema-id shape"), "contentType"));
        Assert.True((await az.RunAsync($"apim api schema get-etag {Where} --api-id az-other --schema-id shape")).GetValue<bool>());
        await az.RunAsync($"apim api schema delete {Where} --api-id az-other --schema-id shape --yes");

        Assert.Contains("starter", Names(await az.RunAsync($"apim product list {Where}")));
        Assert.Equal("By az", Text(await az.MendedAsync($"apim product update {Where} --product-id starter --description", "By az"), "description"));
        Assert.True((await az.RunAsync($"apim product api check {Where} --product-id starter --api-id orders")).GetValue<bool>());
        await az.RefusedAsync($"apim product api check {Where} --product-id starter --api-id az-other");
        await az.RunAsync($"apim product wait {Where} --product-id starter --exists");
        await az.MendedAsync($"apim nv create {Where} --named-value-id az-waited --display-name az-waited --value x");
        await az.RunAsync($"apim nv wait {Where} --named-value-id az-waited --exists");
        await az.RunAsync($"apim nv delete {Where} --named-value-id az-waited --yes");
        await az.RunAsync($"apim api delete {Where} --api-id az-other --yes");
    }

    private static string? Text(JsonNode answer, string member) => (string?)answer[member];

    private static IEnumerable<string> Names(JsonNode list) => list.AsArray().Select(item => item!["name"]!.GetValue<string>());
}
