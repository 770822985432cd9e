using System.Text.Json.Nodes;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>Roles and their assignments, as the product's documentation has an operator make them.</summary>
public sealed class AzureCliRoleTests(RunningSystem system, RegisteredApp app) : IClassFixture<RegisteredApp>
{
    private const string DataAction = "Microsoft.ApiManagement/service/gateways/getConfiguration/action";

    private string Role(string name, JsonObject permissions)
    {
        permissions["Name"] = name;
        permissions["Description"] = "made by a test";
        permissions["IsCustom"] = true;
        permissions["AssignableScopes"] = new JsonArray(system.Group);
        return permissions.ToJsonString();
    }

    [Fact]
    public async Task A_flat_role_document_makes_the_role_and_the_published_one_is_refused_with_the_cure()
    {
        using var az = await system.Cli.ReadyAsync();
        var flat = az.File("flat.json", Role("Az reader", new() { ["Actions"] = new JsonArray(), ["DataActions"] = new JsonArray(DataAction) }));
        var made = await az.RunAsync("role definition create --role-definition", "@" + flat);
        Assert.Equal(DataAction, Assert.Single(made["permissions"]!.AsArray())!["dataActions"]![0]!.GetValue<string>());

        var published = az.File("published.json", Role("Az published", new() { ["Permissions"] = new JsonArray(new JsonObject { ["Actions"] = new JsonArray(), ["DataActions"] = new JsonArray(DataAction) }) }));
        var refusal = await az.RefusedAsync("role definition create --role-definition", "@" + published);
        Assert.Contains("InvalidRoleDefinition", refusal, StringComparison.Ordinal);
        Assert.Contains("empty permission object", refusal, StringComparison.Ordinal);
        Assert.Contains("flat shape", refusal, StringComparison.Ordinal);

        await az.RunAsync("rest --method delete --url", $"{made["id"]}?api-version=2022-04-01");
    }

    [Fact]
    public async Task A_role_is_assigned_by_rest()
    {
        using var az = await system.Cli.ReadyAsync();
        var roles = await az.RunAsync("rest --url", $"{system.Service}/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01&$filter=roleName eq 'API Management Service Reader Role'");
        var role = Assert.Single(roles["value"]!.AsArray())!["id"]!.GetValue<string>();
        var address = $"{system.Service}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}?api-version=2022-04-01";
        var body = new JsonObject { ["properties"] = new JsonObject { ["roleDefinitionId"] = role, ["principalId"] = app.PrincipalId, ["principalType"] = "ServicePrincipal" } }.ToJsonString();
        var made = await az.RunAsync("rest --method put --url", address, "--body", body);
        Assert.Equal(app.PrincipalId, made["properties"]!["principalId"]!.GetValue<string>());

        using var other = await system.Cli.CloudAsync();
        await other.LoginAsync(app.ClientId, system["AZURE_TENANT_ID"], "--password", app.CertificateFile);
        Assert.Equal(system["SERVICE_NAME"], (await other.RunAsync($"apim show -g {system["RESOURCE_GROUP"]} -n {system["SERVICE_NAME"]}"))["name"]!.GetValue<string>());
        var refusal = await other.RefusedAsync($"apim nv show-secret -g {system["RESOURCE_GROUP"]} --service-name {system["SERVICE_NAME"]} --named-value-id any");
        Assert.Contains("AuthorizationFailed", refusal, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ApiManagement/service/namedValues/listValue/action", refusal, StringComparison.Ordinal);

        await az.RunAsync("rest --method delete --url", address);
    }

    [Fact]
    public async Task Mended_it_assigns_roles_by_name_and_by_object_id()
    {
        using var az = await system.Cli.ReadyAsync();
        Assert.Equal("Reader", Assert.Single((await az.MendedAsync("role definition list --name Reader")).AsArray())!["roleName"]!.GetValue<string>());
        await az.MendedAsync("role assignment create --role Reader --scope", system.Service, "--assignee", app.ClientId);
        await az.MendedAsync(
            "role assignment create --assignee-principal-type ServicePrincipal --scope", system.Service, "--assignee-object-id", app.PrincipalId, "--role", "API Management Service Operator Role");
        var listed = await az.MendedAsync("role assignment list --scope", system.Service, "--assignee", app.ClientId);
        Assert.Equal(["API Management Service Operator Role", "Reader"], listed.AsArray().Select(item => item!["roleDefinitionName"]!.GetValue<string>()).Order());
        Assert.All(listed.AsArray(), item => Assert.Equal(app.ClientId, item!["principalName"]!.GetValue<string>()));
        await az.MendedAsync("role assignment delete --scope", system.Service, "--assignee", app.ClientId);
        Assert.Empty((await az.MendedAsync("role assignment list --scope", system.Service, "--assignee", app.ClientId)).AsArray());
    }
}
