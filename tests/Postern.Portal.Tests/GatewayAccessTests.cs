using Postern.Portal.Access;
using Postern.Portal.Management;

namespace Postern.Portal.Tests;

public sealed class GatewayAccessTests
{
    [Theory]
    [InlineData("Microsoft.Authorization/*/read", "microsoft.authorization/roleAssignments/READ", true)]
    [InlineData("*", "anything/at/all", true)]
    [InlineData("*/read", "Microsoft.Authorization/roleDefinitions/read", true)]
    [InlineData("Microsoft.Authorization/*/read", "Microsoft.Authorization/roleAssignments/write", false)]
    [InlineData("Microsoft.Authorization/*/read", "Microsoft.Authorization/read", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*ba", "aba", true)]
    [InlineData("ab*ba", "aba", false)]
    [InlineData("a/read", "a/read/more", false)]
    public void Patterns_match_whole_actions(string pattern, string action, bool matches) => Assert.Equal(matches, ActionPattern.Matches(pattern, action));

    [Fact]
    public void All_is_met_with_the_two_published_roles()
    {
        var access = Of("service", ("service", "validator"), ("app", "reader"));

        Assert.Equal("service", access.Identity);
        Assert.Empty(access.MissingReads);
        Assert.Equal(["app"], access.Readers);
    }

    [Fact]
    public void What_somebody_else_may_read_does_not_help_the_service() =>
        Assert.Equal(3, Of("service", ("other", "validator")).MissingReads.Count);

    [Fact]
    public void A_wildcard_action_is_not_a_data_action() => Assert.Empty(Of("service", ("app", "owner")).Readers);

    [Fact]
    public void An_exception_takes_a_right_out_of_its_own_role_only()
    {
        Assert.Empty(Of("service", ("app", "all-but")).Readers);
        Assert.Equal(["app"], Of("service", ("app", "all-but"), ("app", "reader")).Readers);
    }

    [Theory]
    [InlineData("/subscriptions/s", "the subscription")]
    [InlineData("/subscriptions/s/resourcegroups/rg", "resource group rg")]
    [InlineData("/SUBSCRIPTIONS/s/svc", "this service")]
    [InlineData("/", "everything")]
    [InlineData("/subscriptions/s/svc/gateways/g", "/subscriptions/s/svc/gateways/g")]
    public void Scopes_have_short_names(string scope, string name) => Assert.Equal(name, Scopes.Name(scope, "/subscriptions/s/svc"));

    private static GatewayAccess Of(string? identity, params (string Principal, string Role)[] assignments) =>
        GatewayAccess.Of(identity, [.. assignments.Select(one => new RoleAssignmentContract("", "", new("/", one.Role, one.Principal, null)))], id => new(id, null, null, [Permission(id)]));

    private static PermissionContract Permission(string role) => role switch
    {
        "validator" => new(["Microsoft.Authorization/*/read"], [], [], []),
        "reader" => new([], [], ["Microsoft.ApiManagement/service/gateways/getConfiguration/action"], []),
        "owner" => new(["*"], [], [], []),
        "all-but" => new([], [], ["*"], ["Microsoft.ApiManagement/service/gateways/getConfiguration/action"]),
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };
}
