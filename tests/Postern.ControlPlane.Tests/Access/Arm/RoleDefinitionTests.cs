using System.Text.Json.Nodes;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.Rbac;
using static Postern.ControlPlane.Tests.Access.Arm.AuthorizationHost;

namespace Postern.ControlPlane.Tests.Access.Arm;

public sealed class RoleDefinitionTests(AuthorizationHost host) : IClassFixture<AuthorizationHost>
{
    private const string GetConfiguration = "Microsoft.ApiManagement/service/gateways/getConfiguration/action";

    /// <summary>The validator role's document as it was published first, stray member included.</summary>
    private static readonly string Published = $$$"""
        {
          "Description": "Can access RBAC permissions on the API Management resource to authorize requests in Configuration API.",
          "IsCustom": true,
          "Name": "API Management Configuration API Access Validator Service Role",
          "Permissions": [
            {
              "Actions": [
                "Microsoft.Authorization/denyAssignments/read",
                "Microsoft.Authorization/roleAssignments/read",
                "Microsoft.Authorization/roleDefinitions/read"
              ],
              "NotActions": [],
              "DataActions": [],
              "NotDataActions": []
            }
          ],
          "NotDataActions": [],
          "AssignableScopes": [
            "{{{Subscription}}}"
          ]
        }
        """;

    [Fact]
    public async Task The_published_document_is_taken_as_it_is()
    {
        var id = RoleId(NewId());
        var answer = await host.PutAsync(id, Published);

        Assert.Equal(201, answer.Status);
        Assert.Equal("API Management Configuration API Access Validator Service Role", answer.Properties["roleName"]!.GetValue<string>());
        Assert.Equal("CustomRole", answer.Properties["type"]!.GetValue<string>());
        Assert.Equal(3, answer.Properties["permissions"]![0]!["actions"]!.AsArray().Count);
        Assert.Equal(201, (await host.PutAsync(id, Published)).Status);
        Assert.Equal(200, (await host.DeleteAsync(id)).Status);
    }

    [Fact]
    public async Task The_flat_shape_and_the_arm_shape_make_the_same_role()
    {
        var scope = NewGroup();
        var flat = await host.PutAsync(RoleId(NewId(), scope), $$$"""{"Name":"flat {{{NewId()}}}","IsCustom":true,"Description":"d","Actions":[],"DataActions":["{{{GetConfiguration}}}"],"NotDataActions":[],"AssignableScopes":["{{{scope}}}"]}""");
        var arm = await host.PutAsync(RoleId(NewId(), scope), $$$"""{"properties":{"roleName":"arm {{{NewId()}}}","type":"BuiltInRole","description":"d","permissions":[{"dataActions":["{{{GetConfiguration}}}"]}],"assignableScopes":["{{{scope}}}"]}}""");

        Assert.Equal(201, flat.Status);
        Assert.True(JsonNode.DeepEquals(flat.Properties["permissions"], arm.Properties["permissions"]));
        Assert.Equal("""[{"actions":[],"notActions":[],"dataActions":["Microsoft.ApiManagement/service/gateways/getConfiguration/action"],"notDataActions":[]}]""", flat.Properties["permissions"]!.ToJsonString());
        Assert.Equal("CustomRole", arm.Properties["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_empty_permission_object_is_refused_and_the_flat_shape_shown()
    {
        var answer = await host.PutAsync(RoleId(NewId()), $$$"""{"properties":{"roleName":"empty","permissions":[{}],"assignableScopes":["{{{Subscription}}}"]}}""");

        Assert.Equal((400, "InvalidRoleDefinition", AccessDiagnostics.EmptyPermission), (answer.Status, answer.Code, answer.Diagnostic));
        Assert.Contains("permissions[0] is an empty permission object ({})", answer.Message);
        Assert.Contains("\"DataActions\":", answer.Message);
    }

    [Theory]
    [InlineData("""{}""", "roleName")]
    [InlineData("""{"properties":{"roleName":" ","permissions":[{"actions":["a/read"]}],"assignableScopes":["SCOPE"]}}""", "roleName")]
    [InlineData("""{"properties":{"roleName":"x","assignableScopes":["SCOPE"]}}""", "permissions")]
    [InlineData("""{"properties":{"roleName":"x","permissions":[],"assignableScopes":["SCOPE"]}}""", "permissions")]
    [InlineData("""{"properties":{"roleName":"x","permissions":["a"],"assignableScopes":["SCOPE"]}}""", "permissions[0]")]
    [InlineData("""{"properties":{"roleName":"x","permissions":[{"actions":"a/read"}],"assignableScopes":["SCOPE"]}}""", "permissions[0]")]
    [InlineData("""{"properties":{"roleName":"x","permissions":[{"actions":[5]}],"assignableScopes":["SCOPE"]}}""", "permissions[0]")]
    [InlineData("""{"properties":{"roleName":"x","permissions":[{"actions":["a b"]}],"assignableScopes":["SCOPE"]}}""", "permissions[0]")]
    [InlineData("""{"properties":{"roleName":"x","permissions":[{"actions":[""]}],"assignableScopes":["SCOPE"]}}""", "permissions[0]")]
    [InlineData("""{"properties":{"roleName":"x","permissions":[{"actions":["a/read"]}]}}""", "assignableScopes")]
    [InlineData("""{"properties":{"roleName":"x","permissions":[{"actions":["a/read"]}],"assignableScopes":[]}}""", "assignableScopes")]
    [InlineData("""{"properties":{"roleName":"x","permissions":[{"actions":["a/read"]}],"assignableScopes":["/"]}}""", "assignableScopes")]
    [InlineData("""{"properties":{"roleName":"x","permissions":[{"actions":["a/read"]}],"assignableScopes":["subscriptions/x"]}}""", "assignableScopes")]
    [InlineData("""{"Name":"x","Permissions":[{"Actions":["a/read"]}],"DataActions":["a/b"],"AssignableScopes":["SCOPE"]}""", "dataActions")]
    public async Task A_definition_that_makes_no_sense_is_refused(string body, string target)
    {
        var answer = await host.PutAsync(RoleId(NewId()), body.Replace("SCOPE", Subscription, StringComparison.Ordinal));

        Assert.Equal((400, "InvalidRoleDefinition"), (answer.Status, answer.Code));
        Assert.Equal(target, answer.Body!["error"]!["target"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_name_must_be_a_guid()
    {
        var answer = await host.PutAsync(RoleId("reader"), Published);

        Assert.Equal((400, "InvalidRoleDefinitionId"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Two_roles_of_one_name_do_not_exist()
    {
        var scope = NewGroup();
        string Body(string name) => $$$"""{"properties":{"roleName":"{{{name}}}","permissions":[{"actions":["a/read"]}],"assignableScopes":["{{{scope}}}"]}}""";

        var answer = await host.PutAsync(RoleId(NewId()), Body("owner"));
        Assert.Equal((409, "RoleDefinitionWithSameNameExists"), (answer.Status, answer.Code));

        var name = "twice " + NewId();
        Assert.Equal(201, (await host.PutAsync(RoleId(NewId()), Body(name))).Status);
        Assert.Equal(409, (await host.PutAsync(RoleId(NewId()), Body(name.ToUpperInvariant()))).Status);
    }

    [Fact]
    public async Task Built_in_roles_are_listed_and_stay_as_they_are()
    {
        var list = await host.GetAsync($"/{Subscription}/providers/Microsoft.Authorization/roleDefinitions?$filter=type eq 'BuiltInRole'");
        Assert.Equal(BuiltInRoles.All.Select(role => role.RoleName).Order(), list.Value.Select(role => role["properties"]!["roleName"]!.GetValue<string>()).Order());
        Assert.All(list.Value, role => Assert.StartsWith("/providers/Microsoft.Authorization/roleDefinitions/", role["id"]!.GetValue<string>()));

        Assert.Equal(400, (await host.PutAsync(RoleId(BuiltInRoles.Reader), Published)).Status);
        Assert.Equal(400, (await host.DeleteAsync(RoleId(BuiltInRoles.Reader))).Status);
        Assert.Equal("Reader", (await host.GetAsync(RoleId(BuiltInRoles.Reader.ToUpperInvariant()))).Properties["roleName"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_role_is_found_by_name_at_its_assignable_scope_and_below()
    {
        var scope = NewGroup();
        var name = await host.CreateRoleAsync(scope);
        async Task<int> FoundAsync(string at, string filter) =>
            (await host.GetAsync($"{at}/providers/Microsoft.Authorization/roleDefinitions?$filter={filter}")).Value.Count(role => role["name"]!.GetValue<string>() == name);

        Assert.Equal(1, await FoundAsync(scope, $"roleName eq 'role {name}'"));
        Assert.Equal(1, await FoundAsync(scope + "/providers/Microsoft.ApiManagement/service/x", $"rolename%20eq%20'ROLE {name}' and type eq 'CustomRole'"));
        Assert.Equal(0, await FoundAsync(NewGroup(), $"roleName eq 'role {name}'"));
        Assert.Equal(0, await FoundAsync(Subscription, ""));
        Assert.Equal(1, await FoundAsync(Subscription, "atScopeAndBelow()"));
    }

    [Theory]
    [InlineData("roleName eq")]
    [InlineData("roleName ne 'x'")]
    [InlineData("principalId eq 'x'")]
    [InlineData("roleName eq 'x' or type eq 'y'")]
    [InlineData("roleName eq 'x' and")]
    [InlineData("assignedTo('x')")]
    [InlineData("atScope('x')")]
    [InlineData("roleName eq 'x'type eq 'y'")]
    public async Task A_filter_that_is_not_known_is_refused(string filter) =>
        Assert.Equal(400, (await host.GetAsync($"{Subscription}/providers/Microsoft.Authorization/roleDefinitions?$filter={filter}")).Status);

    [Fact]
    public async Task A_role_in_use_is_not_deleted()
    {
        var scope = NewGroup();
        var role = await host.CreateRoleAsync(scope);
        var assignment = await host.AssignAsync(scope, role, NewId());
        var refused = await host.DeleteAsync(RoleId(role));
        await host.DeleteAsync(assignment.Id);
        var deleted = await host.DeleteAsync(RoleId(role));
        var again = await host.DeleteAsync(RoleId(role));

        Assert.Equal((400, "RoleDefinitionHasAssignments"), (refused.Status, refused.Code));
        Assert.Equal((200, role), (deleted.Status, deleted.Body!["name"]!.GetValue<string>()));
        Assert.Equal(204, again.Status);
        Assert.Equal((404, "RoleDefinitionDoesNotExist"), ((await host.GetAsync(RoleId(role))).Status, (await host.GetAsync(RoleId(role))).Code));
    }

    [Fact]
    public async Task Who_rules_one_group_makes_no_role_for_another()
    {
        var (own, other) = (NewGroup(), NewGroup());
        var administrator = NewId();
        await host.AssignAsync(own, BuiltInRoles.UserAccessAdministrator, administrator);

        var role = await host.CreateRoleAsync(own, by: administrator);
        var wide = await host.PutAsync(RoleId(NewId(), own), $$$"""{"properties":{"roleName":"wide {{{role}}}","permissions":[{"actions":["*"]}],"assignableScopes":["{{{own}}}","{{{other}}}"]}}""", administrator);
        var foreign = await host.CreateRoleAsync(other);
        var taken = await host.PutAsync(RoleId(foreign, own), $$$"""{"properties":{"roleName":"mine","permissions":[{"actions":["*"]}],"assignableScopes":["{{{own}}}"]}}""", administrator);

        Assert.Equal((403, "AuthorizationFailed"), (wide.Status, wide.Code));
        Assert.Contains(other, wide.Message);
        Assert.Equal(403, taken.Status);
        Assert.Equal(403, (await host.DeleteAsync(RoleId(foreign, own), administrator)).Status);
        Assert.Equal(200, (await host.DeleteAsync(RoleId(role, own), administrator)).Status);
    }
}
