using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.ControlPlane.Tests.Clients;

/// <summary>The Azure CLI, unmodified, against the management API: a session as an operator would have it.</summary>
public sealed class AzureCliTests(RunningControlPlane plane)
{
    private const string Service = "azure-cli";
    private const string Document = """
        openapi: 3.0.1
        info: { title: Pets, version: "1" }
        servers: [{ url: https://pets.example }]
        paths: { /pets: { get: { operationId: list, responses: { "200": { description: pets } } } } }
        """;

    [Fact]
    public async Task It_makes_a_service_imports_an_API_and_works_with_the_gateway()
    {
        Assert.SkipUnless(AzureCli.IsInstalled, "The Azure CLI is not installed (Debian package azure-cli).");
        using var az = new AzureCli(plane.CaFile, plane.Options.Authority, plane.Address);
        string[] here = ["-g", "rg1", "--service-name", Service];
        Task<JsonNode?> Api(params string[] arguments) => az.RunAsync(["apim", "api", .. arguments, .. here]);

        await az.RunAsync(
            "login", "--service-principal", "--tenant", RunningControlPlane.TenantId, "-u", RunningControlPlane.OwnerClient, "-p", RunningControlPlane.OwnerSecret);
        var service = (await az.RunAsync(
            "apim", "create", "-n", Service, "-g", "rg1", "--publisher-name", "Contoso", "--publisher-email", "a@b.example", "--sku-name", "Developer", "--enable-managed-identity", "true"))!;
        Assert.Equal("Succeeded", (string?)service["provisioningState"]);
        Assert.True(Guid.TryParse((string?)service["identity"]!["principalId"], out _));

        var file = Path.Combine(Path.GetDirectoryName(plane.CaFile)!, "pets.yaml");
        await File.WriteAllTextAsync(file, Document, TestContext.Current.CancellationToken);
        var imported = (await Api("import", "--path", "pets", "--api-id", "pets", "--specification-format", "OpenApi", "--specification-path", file))!;
        Assert.Equal("Pets", (string?)imported["displayName"]);

        // Debian's az can't send 'operation create', 'product create' and 'nv create': its own defect.
        var id = (string)service["id"]!;
        await RestAsync(az, "put", $"{id}/apis/pets/operations/one", """{"properties":{"displayName":"One","method":"GET","urlTemplate":"/pets/one"}}""");
        Assert.Equal(["list", "one"], (await Api("operation", "list", "--api-id", "pets"))!.AsArray().Select(operation => (string?)operation!["name"]));
        await RestAsync(az, "put", $"{id}/products/starter", """{"properties":{"displayName":"Starter"}}""");
        await RestAsync(az, "put", $"{id}/namedValues/secret", """{"properties":{"displayName":"secret","value":"hidden","secret":true}}""");
        await az.RunAsync(["apim", "product", "api", "add", "--product-id", "starter", "--api-id", "pets", .. here]);
        Assert.Equal("hidden", (string?)(await az.RunAsync(["apim", "nv", "show-secret", "--named-value-id", "secret", .. here]))!["value"]);

        var shown = (await az.RunAsync("resource", "show", "-g", "rg1", "-n", Service, "--resource-type", "Microsoft.ApiManagement/service"))!;
        Assert.Equal(id, (string?)shown["id"]);
        await RestAsync(az, "put", $"{id}/gateways/edge", """{"properties":{"locationData":{"name":"lab"}}}""");
        var token = (await RestAsync(
            az, "post", $"{id}/gateways/edge/generateToken", $$"""{"keyType":"primary","expiry":"{{TimeProvider.System.GetUtcNow().AddDays(1):O}}"}"""))!;
        Assert.StartsWith("edge&", (string?)token["value"], StringComparison.Ordinal);

        await Api("delete", "--api-id", "pets", "--yes");
        Assert.Empty((await Api("list"))!.AsArray());
        var (code, _, errors) = await az.TryAsync(["apim", "api", "show", "--api-id", "pets", .. here]);
        Assert.NotEqual(0, code);
        Assert.Contains("ResourceNotFound", errors, StringComparison.Ordinal);
    }

    private Task<JsonNode?> RestAsync(AzureCli az, string method, string path, string body) =>
        az.RunAsync("rest", "--method", method, "--url", $"{plane.Address.AbsoluteUri.TrimEnd('/')}{path}?api-version=2024-05-01", "--body", body);
}
