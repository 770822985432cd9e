using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.Rbac;
using static Postern.ControlPlane.Tests.Access.Arm.AuthorizationHost;

namespace Postern.ControlPlane.Tests.Access.Arm;

public sealed class DenyAssignmentTests(AuthorizationHost host) : IClassFixture<AuthorizationHost>
{
    [Fact]
    public async Task What_is_denied_is_denied_to_an_owner_too_until_it_is_deleted()
    {
        var scope = NewGroup();
        var somebody = NewId();
        await host.AssignAsync(scope, BuiltInRoles.Owner, somebody);
        var made = await host.PutAsync(Id(scope), Body("*/write", somebody));
        var denied = await host.AssignAsync(scope, BuiltInRoles.Reader, NewId(), by: somebody);
        var allowed = await host.GetAsync($"{scope}/providers/Microsoft.Authorization/roleAssignments", somebody);
        var deleted = await host.DeleteAsync(made.Id);
        var after = await host.AssignAsync(scope, BuiltInRoles.Reader, NewId(), by: somebody);

        Assert.Equal([201, 403, 200, 200, 201], [made.Status, denied.Status, allowed.Status, deleted.Status, after.Status]);
        Assert.Equal(AccessDiagnostics.DenyAssignment, denied.Diagnostic);
        Assert.Contains("Deny assignment 'no'", denied.Message);
        Assert.Equal(204, (await host.DeleteAsync(made.Id)).Status);
    }

    [Fact]
    public async Task Nobody_locks_themselves_out()
    {
        var scope = NewGroup();
        var everyone = await host.PutAsync(Id(scope), Body("*", Guid.Empty.ToString()));
        var sparing = await host.PutAsync(Id(scope), Body("*", Guid.Empty.ToString(), exclude: OwnerId));

        Assert.Equal((409, "DenyAssignmentLocksOut"), (everyone.Status, everyone.Code));
        Assert.Equal(201, sparing.Status);
        Assert.Equal("SystemDefined", sparing.Properties["principals"]![0]!["type"]!.GetValue<string>());
        Assert.Equal(200, (await host.DeleteAsync(sparing.Id)).Status);
    }

    [Fact]
    public async Task Lists_are_filtered_by_scope_name_and_principal()
    {
        var scope = NewGroup();
        var service = scope + "/providers/Microsoft.ApiManagement/service/x";
        var (first, second) = (NewId(), NewId());
        var above = (await host.PutAsync(Id(scope), Body("a/write", first))).Id;
        var below = (await host.PutAsync(Id(service), Body("a/write", second, exclude: first, name: "o'clock"))).Id;

        Assert.Equal([above, below], await ListAsync(scope, ""));
        Assert.Equal([above], await ListAsync(scope, "atScope()"));
        Assert.Equal([above, below], await ListAsync(service, "atScope()"));
        Assert.Equal([below], await ListAsync(scope, "denyAssignmentName eq 'o''clock'"));
        Assert.Equal([above], await ListAsync(scope, $"principalId eq '{first}'"));
        Assert.Equal([above, below], await ListAsync(scope, $"gdprExportPrincipalId eq '{first}'"));

        async Task<IEnumerable<string>> ListAsync(string at, string filter) =>
            (await host.GetAsync($"{at}/providers/Microsoft.Authorization/denyAssignments?$filter={Uri.EscapeDataString(filter)}")).Value
                .Select(item => item["id"]!.GetValue<string>()).OrderBy(id => id == above ? 0 : 1);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"properties":{"permissions":[{"actions":["*"]}],"principals":[{"id":"ID"}]}}""")]
    [InlineData("""{"properties":{"denyAssignmentName":"n","principals":[{"id":"ID"}]}}""")]
    [InlineData("""{"properties":{"denyAssignmentName":"n","permissions":[{}],"principals":[{"id":"ID"}]}}""")]
    [InlineData("""{"properties":{"denyAssignmentName":"n","permissions":[{"notActions":["*"]}],"principals":[{"id":"ID"}]}}""")]
    [InlineData("""{"properties":{"denyAssignmentName":"n","permissions":[{"actions":["*"]}],"principals":[]}}""")]
    [InlineData("""{"properties":{"denyAssignmentName":"n","permissions":[{"actions":["*"]}],"principals":[{"id":"me"}]}}""")]
    [InlineData("""{"properties":{"denyAssignmentName":"n","permissions":[{"actions":["*"]}],"principals":[{"id":"ID"}],"excludePrincipals":5}}""")]
    [InlineData("""{"properties":{"denyAssignmentName":"n","permissions":[{"actions":["*"]}],"principals":[{"id":"ID"}],"doNotApplyToChildScopes":"no"}}""")]
    public async Task One_that_makes_no_sense_is_refused(string body) =>
        Assert.Equal(400, (await host.PutAsync(Id(NewGroup()), body.Replace("ID", NewId(), StringComparison.Ordinal))).Status);

    [Fact]
    public async Task Only_who_manages_access_denies_it()
    {
        var scope = NewGroup();
        var contributor = NewId();
        await host.AssignAsync(scope, BuiltInRoles.Contributor, contributor);

        Assert.Equal(403, (await host.PutAsync(Id(scope), Body("*", NewId()), contributor)).Status);
    }

    private static string Id(string scope) => $"{scope}/providers/Microsoft.Authorization/denyAssignments/{NewId()}";

    private static string Body(string action, string principal, string? exclude = null, string name = "no") => $$$"""
        {"properties":{"denyAssignmentName":"{{{name}}}","permissions":[{"actions":["{{{action}}}"]}],"principals":[{"id":"{{{principal}}}"}],
         "excludePrincipals":[{{{(exclude is null ? "" : $$"""{"id":"{{exclude}}"}""")}}}]}}
        """;
}
