using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.Rbac;
using static Postern.ControlPlane.Tests.Access.Arm.AuthorizationHost;

namespace Postern.ControlPlane.Tests.Access.Arm;

public sealed class RoleAssignmentTests(AuthorizationHost host) : IClassFixture<AuthorizationHost>
{
    [Fact]
    public async Task An_assignment_gives_the_role_at_once_and_its_removal_takes_it_at_once()
    {
        var scope = NewGroup();
        var somebody = NewId();
        var before = await host.GetAsync($"{scope}/providers/Microsoft.Authorization/roleAssignments", somebody);
        var assignment = await host.AssignAsync(scope, BuiltInRoles.Reader, somebody);
        var with = await host.GetAsync($"{scope}/providers/Microsoft.Authorization/roleAssignments", somebody);
        var deleted = await host.DeleteAsync(assignment.Id);
        var after = await host.GetAsync($"{scope}/providers/Microsoft.Authorization/roleAssignments", somebody);

        Assert.Equal([403, 201, 200, 200, 403], [before.Status, assignment.Status, with.Status, deleted.Status, after.Status]);
        Assert.Equal(assignment.Body!.ToJsonString(), deleted.Body!.ToJsonString());
        Assert.Equal(204, (await host.DeleteAsync(assignment.Id)).Status);
    }

    [Fact]
    public async Task A_refusal_names_client_object_id_action_and_scope()
    {
        var scope = NewGroup();
        var somebody = NewId();
        var answer = await host.AssignAsync(scope, BuiltInRoles.Owner, somebody, by: somebody);

        Assert.Equal((403, "AuthorizationFailed", AccessDiagnostics.ActionNotPermitted), (answer.Status, answer.Code, answer.Diagnostic));
        Assert.StartsWith(
            $"The client 'a99a99a9-0000-4000-8000-000000000001' with object id '{somebody}' does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/write' over scope '{scope}/providers/Microsoft.Authorization/roleAssignments/",
            answer.Message);
    }

    [Fact]
    public async Task What_was_sent_is_what_is_shown()
    {
        var scope = NewGroup();
        var (name, principal) = (NewId(), NewId());
        var answer = await host.PutAsync($"/{AssignmentId(scope, name)}",
            $$$"""{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/{{{BuiltInRoles.Reader}}}","principalId":"{{{principal}}}","description":"why"}}""");
        var got = await host.GetAsync(AssignmentId(scope.ToUpperInvariant(), name));

        Assert.Equal(201, answer.Status);
        Assert.Equal(AssignmentId(scope, name), answer.Id);
        Assert.Equal("Microsoft.Authorization/roleAssignments", answer.Body!["type"]!.GetValue<string>());
        Assert.Equal(
            (scope, $"/providers/Microsoft.Authorization/roleDefinitions/{BuiltInRoles.Reader}", principal, "User", "why", OwnerId),
            (Text("scope"), Text("roleDefinitionId"), Text("principalId"), Text("principalType"), Text("description"), Text("createdBy")));
        Assert.Equal(answer.Body!.ToJsonString(), got.Body!.ToJsonString());
        string Text(string member) => answer.Properties[member]!.GetValue<string>();
    }

    [Fact]
    public async Task An_assignment_names_its_role_as_the_list_of_roles_does()
    {
        var scope = NewGroup();
        var custom = await host.CreateRoleAsync(scope);
        foreach (var (role, sent) in ((string, string)[])[(custom, "/providers/"), (custom, Subscription + "/providers/"), (BuiltInRoles.Reader, Subscription + "/providers/"), (BuiltInRoles.Reader, "/providers/")])
        {
            var assignment = await host.PutAsync(AssignmentId(scope),
                $$$"""{"properties":{"roleDefinitionId":"{{{sent}}}Microsoft.Authorization/roleDefinitions/{{{role}}}","principalId":"{{{NewId()}}}"}}""");
            var listed = await host.GetAsync($"{scope}/providers/Microsoft.Authorization/roleDefinitions");

            Assert.Contains(assignment.Properties["roleDefinitionId"]!.GetValue<string>(), listed.Value.Select(item => item["id"]!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task The_same_assignment_twice_is_a_conflict_and_its_meaning_never_changes()
    {
        var scope = NewGroup();
        var (name, principal) = (NewId(), NewId());
        var made = await host.AssignAsync(scope, BuiltInRoles.Reader, principal, name: name);
        var repeated = await host.AssignAsync(scope, BuiltInRoles.Reader, principal, name: name);
        var twice = await host.AssignAsync(scope, BuiltInRoles.Reader, principal);
        var otherRole = await host.AssignAsync(scope, BuiltInRoles.Owner, principal, name: name);
        var otherPrincipal = await host.AssignAsync(scope, BuiltInRoles.Reader, NewId(), name: name);

        Assert.Equal([201, 200, 409, 400, 400], [made.Status, repeated.Status, twice.Status, otherRole.Status, otherPrincipal.Status]);
        Assert.Equal("RoleAssignmentExists", twice.Code);
        Assert.Contains(name, twice.Message);
        Assert.Equal("RoleAssignmentUpdateNotPermitted", otherRole.Code);
        Assert.Equal(201, (await host.AssignAsync(scope + "/providers/Microsoft.ApiManagement/service/x", BuiltInRoles.Reader, principal)).Status);
    }

    [Fact]
    public async Task A_role_must_exist_and_be_assignable_there()
    {
        var (scope, elsewhere) = (NewGroup(), NewGroup());
        var role = await host.CreateRoleAsync(scope);
        var missing = await host.AssignAsync(scope, NewId(), NewId());
        var outside = await host.AssignAsync(elsewhere, role, NewId());
        var above = await host.AssignAsync(Subscription, role, NewId());
        var below = await host.AssignAsync(scope + "/providers/Microsoft.ApiManagement/service/x", role, NewId());

        Assert.Equal((404, "RoleDefinitionDoesNotExist"), (missing.Status, missing.Code));
        Assert.Equal((400, "RoleAssignmentScopeNotAssignableToRoleDefinition"), (outside.Status, outside.Code));
        Assert.Equal(400, above.Status);
        Assert.Equal(201, below.Status);
    }

    [Theory]
    [InlineData("""{}""", "InvalidRoleAssignment")]
    [InlineData("""{"properties":{"principalId":"PRINCIPAL"}}""", "InvalidRoleAssignment")]
    [InlineData("""{"properties":{"roleDefinitionId":"Reader","principalId":"PRINCIPAL"}}""", "InvalidRoleAssignment")]
    [InlineData("""{"properties":{"roleDefinitionId":"ROLE"}}""", "InvalidPrincipalId")]
    [InlineData("""{"properties":{"roleDefinitionId":"ROLE","principalId":"somebody@example.com"}}""", "InvalidPrincipalId")]
    [InlineData("""{"properties":{"roleDefinitionId":"ROLE","principalId":"PRINCIPAL","principalType":"Robot"}}""", "InvalidRoleAssignment")]
    [InlineData("""{"properties":{"roleDefinitionId":"ROLE","principalId":"PRINCIPAL","condition":"@Request[x] exists","conditionVersion":"2.0"}}""", "RoleAssignmentConditionNotSupported")]
    [InlineData("""{"properties":""", "InvalidRequestContent")]
    public async Task An_assignment_that_makes_no_sense_is_refused(string body, string code)
    {
        var answer = await host.PutAsync(AssignmentId(NewGroup()),
            body.Replace("PRINCIPAL", NewId(), StringComparison.Ordinal).Replace("ROLE", RoleId(BuiltInRoles.Reader), StringComparison.Ordinal));

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task The_name_must_be_a_guid()
    {
        var answer = await host.AssignAsync(NewGroup(), BuiltInRoles.Reader, NewId(), name: "mine");

        Assert.Equal((400, "InvalidRoleAssignmentId"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Lists_tell_what_is_above_at_and_below_a_scope()
    {
        var scope = NewGroup();
        var service = scope + "/providers/Microsoft.ApiManagement/service/x";
        var (principal, other) = (NewId(), NewId());
        var atGroup = (await host.AssignAsync(scope, BuiltInRoles.Reader, principal)).Id;
        var atService = (await host.AssignAsync(service, BuiltInRoles.Reader, principal)).Id;
        var others = (await host.AssignAsync(service, BuiltInRoles.Reader, other)).Id;

        Assert.Equal([atGroup, atService, others], await OwnAsync(scope, ""));
        Assert.Equal([atGroup], await OwnAsync(scope, "atScope()"));
        Assert.Equal([atGroup, atService, others], await OwnAsync(service, "atScope()"));
        Assert.Equal([atGroup, atService], await OwnAsync(scope, $"principalId eq '{principal}'"));
        Assert.Equal([atGroup, atService], await OwnAsync(service, $"principalId eq {principal}"));
        Assert.Equal([atGroup], await OwnAsync(scope, $"atScope() and assignedTo('{principal.ToUpperInvariant()}')"));
        Assert.Equal([others], await OwnAsync(scope, $"assignedTo('{other}')"));
        Assert.Contains(BuiltInRoles.Owner, (await host.GetAsync($"{scope}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()")).Body!.ToJsonString());

        async Task<IEnumerable<string>> OwnAsync(string at, string filter) =>
            (await host.GetAsync($"{at}/providers/Microsoft.Authorization/roleAssignments?$filter={filter}")).Value
                .Select(item => item["id"]!.GetValue<string>()).Where(id => id.StartsWith(scope, StringComparison.Ordinal)).OrderBy(id => id == atGroup ? 0 : id == atService ? 1 : 2);
    }

    [Fact]
    public async Task A_contributor_manages_things_but_not_who_may()
    {
        var scope = NewGroup();
        var contributor = NewId();
        await host.AssignAsync(scope, BuiltInRoles.Contributor, contributor);

        Assert.Equal(403, (await host.AssignAsync(scope, BuiltInRoles.Owner, contributor, by: contributor)).Status);
        Assert.Equal(200, (await host.GetAsync($"{scope}/providers/Microsoft.Authorization/roleAssignments", contributor)).Status);
    }

    [Fact]
    public async Task Concurrent_equal_assignments_end_as_one()
    {
        var scope = NewGroup();
        var principal = NewId();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.AssignAsync(scope, BuiltInRoles.Reader, principal)));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.Equal(7, answers.Count(answer => answer.Status == 409));
    }

    [Fact]
    public async Task Permissions_are_those_of_the_callers_roles()
    {
        var scope = NewGroup();
        var somebody = NewId();
        await host.AssignAsync(scope, BuiltInRoles.Reader, somebody);
        var answer = await host.GetAsync($"{scope}/providers/Microsoft.Authorization/permissions", somebody);

        Assert.Equal("""[{"actions":["*/read"],"notActions":[],"dataActions":[],"notDataActions":[]}]""", answer.Body!["value"]!.ToJsonString());
    }

    [Theory]
    [InlineData("GET", "/providers/Microsoft.Authorization/locks", 404)]
    [InlineData("GET", "/providers/Microsoft.Authorization/roleAssignments/a/b", 404)]
    [InlineData("DELETE", "/providers/Microsoft.Authorization/roleAssignments", 405)]
    [InlineData("PATCH", "/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001", 405)]
    [InlineData("GET", "/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001", 404)]
    [InlineData("GET", "/providers/Microsoft.Authorization/denyAssignments/00000000-0000-4000-8000-000000000001", 404)]
    [InlineData("GET", "/providers/Microsoft.Authorization/denyAssignments", 200)]
    public async Task What_there_is_not_is_said(string method, string path, int status) =>
        Assert.Equal(status, (await host.SendAsync(new(method), Subscription + path, method == "GET" ? null : "{}", OwnerId)).Status);
}
