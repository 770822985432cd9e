using Postern.ControlPlane.Access.Rbac;
using static Postern.ControlPlane.Tests.Access.Rbac.Roles;
using Evaluation = Postern.ControlPlane.Access.Rbac.Rbac;

namespace Postern.ControlPlane.Tests.Access.Rbac;

public sealed class RbacTests
{
    private static readonly RoleDefinition ConfigurationReader = Role("reader", dataActions: [GetConfiguration]);

    [Theory]
    [InlineData("/")]
    [InlineData(Subscription)]
    [InlineData(Group)]
    [InlineData(Service)]
    [InlineData(Gateway)]
    public void A_role_assigned_at_or_above_the_scope_grants(string scope)
    {
        var decision = Evaluation.Evaluate(MayReadConfiguration(), Set([ConfigurationReader], [Assign("reader", scope)]));

        Assert.True(decision.Allowed);
        Assert.Contains("'reader'", decision.Explanation);
    }

    [Theory]
    [InlineData(Gateway + "/apis/echo")]
    [InlineData(Service + "/gateways/on-premises")]
    [InlineData(Service + "-two")]
    [InlineData("/subscriptions/other")]
    public void A_role_assigned_below_or_beside_the_scope_does_not(string scope)
    {
        var decision = Evaluation.Evaluate(MayReadConfiguration(), Set([ConfigurationReader], [Assign("reader", scope)]));

        Assert.Equal(AccessStep.AssignedElsewhere, decision.Step);
        Assert.Contains(scope, decision.Explanation);
    }

    [Fact]
    public void Scopes_actions_and_ids_are_compared_without_regard_to_case()
    {
        var set = Set([Role("READER", dataActions: [GetConfiguration.ToUpperInvariant()])], [Assign("reader", Service.ToUpperInvariant(), Caller.ToUpperInvariant())]);

        Assert.True(Evaluation.Evaluate(MayReadConfiguration(Gateway.ToLowerInvariant()), set).Allowed);
    }

    [Fact]
    public void A_wildcard_among_actions_gives_no_data_action()
    {
        var decision = Evaluation.Evaluate(MayReadConfiguration(), Set(BuiltInRoles.All, [Assign(BuiltInRoles.Owner, Subscription)]));

        Assert.Equal(AccessStep.OtherPlane, decision.Step);
        Assert.Contains("Actions, which give no data action", decision.Explanation);
    }

    [Fact]
    public void A_wildcard_among_data_actions_gives_no_action()
    {
        var set = Set([Role("all-data", dataActions: ["*"])], [Assign("all-data", "/")]);

        Assert.Equal(AccessStep.OtherPlane, Evaluation.Evaluate(May("Microsoft.ApiManagement/service/read"), set).Step);
    }

    [Fact]
    public void NotDataActions_of_one_role_do_not_take_from_another()
    {
        var without = Role("without", dataActions: ["*"], notDataActions: ["Microsoft.ApiManagement/*"]);
        var alone = Evaluation.Evaluate(MayReadConfiguration(), Set([without], [Assign("without", Service)]));
        var both = Evaluation.Evaluate(MayReadConfiguration(), Set([without, ConfigurationReader], [Assign("without", Service), Assign("reader", Service)]));

        Assert.Equal(AccessStep.Excluded, alone.Step);
        Assert.Contains("NotDataActions", alone.Explanation);
        Assert.True(both.Allowed);
    }

    [Fact]
    public void NotActions_count_for_the_whole_role_also_across_its_permission_objects()
    {
        var role = new RoleDefinition("r", "r", "", false, [new(["a/write"], [], [], []), new(["a/*"], ["a/write"], [], [])], ["/"]);

        Assert.Equal(AccessStep.Excluded, Evaluation.Evaluate(May("a/write"), Set([role], [Assign("r", "/")])).Step);
        Assert.True(Evaluation.Evaluate(May("a/read"), Set([role], [Assign("r", "/")])).Allowed);
    }

    [Fact]
    public void A_role_of_a_group_is_the_role_of_its_members()
    {
        var set = Set([ConfigurationReader], [Assign("reader", Service, "the-group")]);

        Assert.Equal(AccessStep.NoAssignment, Evaluation.Evaluate(MayReadConfiguration(), set).Step);
        var decision = Evaluation.Evaluate(MayReadConfiguration(Gateway, "another", "THE-GROUP"), set);
        Assert.True(decision.Allowed);
        Assert.Contains("its group 'the-group'", decision.Explanation);
    }

    [Fact]
    public void A_deny_assignment_beats_every_role()
    {
        var deny = Deny(Group, new([], [], ["*"], []), [Caller]);
        var decision = Evaluation.Evaluate(MayReadConfiguration(), Set([ConfigurationReader], [Assign("reader", Gateway)], deny));

        Assert.Equal(AccessStep.Denied, decision.Step);
        Assert.Contains("Deny assignment 'd'", decision.Explanation);
    }

    [Fact]
    public void A_deny_assignment_for_everyone_spares_whom_it_excludes()
    {
        var permission = new RolePermission([], [], ["*"], []);
        RoleDefinition[] roles = [ConfigurationReader];
        RoleAssignment[] assignments = [Assign("reader", Gateway)];

        Assert.Equal(AccessStep.Denied, Evaluation.Evaluate(MayReadConfiguration(), Set(roles, assignments, Deny("/", permission, [Evaluation.Everyone]))).Step);
        Assert.True(Evaluation.Evaluate(MayReadConfiguration(), Set(roles, assignments, Deny("/", permission, [Evaluation.Everyone], [Caller]))).Allowed);
        Assert.True(Evaluation.Evaluate(MayReadConfiguration(Gateway, "g"), Set(roles, assignments, Deny("/", permission, [Evaluation.Everyone], ["g"]))).Allowed);
    }

    [Fact]
    public void A_deny_assignment_may_keep_to_its_own_scope()
    {
        var set = Set([ConfigurationReader], [Assign("reader", "/")], Deny(Service, new([], [], ["*"], []), [Caller], doNotApplyToChildScopes: true));

        Assert.Equal(AccessStep.Denied, Evaluation.Evaluate(MayReadConfiguration(Service), set).Step);
        Assert.True(Evaluation.Evaluate(MayReadConfiguration(Gateway), set).Allowed);
    }

    [Fact]
    public void A_deny_assignment_forbids_only_what_it_names()
    {
        var set = Set([ConfigurationReader], [Assign("reader", "/")],
            Deny("/", new(["*"], [], [], []), [Caller]),
            Deny("/", new([], [], ["*"], ["Microsoft.ApiManagement/*"]), [Caller]));

        Assert.True(Evaluation.Evaluate(MayReadConfiguration(), set).Allowed);
    }

    [Fact]
    public void A_condition_that_is_not_understood_does_not_hold()
    {
        var set = Set([ConfigurationReader], [Assign("reader", Service, condition: "@Resource[x] StringEquals 'y'")]);

        Assert.Equal(AccessStep.ConditionNotMet, Evaluation.Evaluate(MayReadConfiguration(), set).Step);
    }

    [Fact]
    public void An_assignment_of_a_role_that_does_not_exist_grants_nothing()
    {
        var decision = Evaluation.Evaluate(MayReadConfiguration(), Set([], [Assign("gone", Service)]));

        Assert.Equal(AccessStep.RoleMissing, decision.Step);
        Assert.Contains("'gone'", decision.Explanation);
    }

    [Fact]
    public void Without_any_role_the_explanation_names_principal_operation_and_scope()
    {
        var decision = Evaluation.Evaluate(MayReadConfiguration(), Set([], []));

        Assert.Equal($"Principal '{Caller}' has no role with data action '{GetConfiguration}' at or above scope '{Gateway}'.", decision.Explanation);
    }

    [Fact]
    public void A_role_at_a_management_group_above_the_scope_grants()
    {
        const string above = "/providers/Microsoft.Management/managementGroups/contoso";
        var set = Set([ConfigurationReader], [Assign("reader", above)]);

        Assert.False(Evaluation.Evaluate(MayReadConfiguration(), set).Allowed);
        Assert.True(Evaluation.Evaluate(MayReadConfiguration(), set with { ManagementGroups = [above.ToUpperInvariant()] }).Allowed);
    }

    [Theory]
    [InlineData(BuiltInRoles.Owner, "Microsoft.Authorization/roleAssignments/write", true)]
    [InlineData(BuiltInRoles.Contributor, "Microsoft.Authorization/roleAssignments/write", false)]
    [InlineData(BuiltInRoles.Contributor, "Microsoft.ApiManagement/service/gateways/generateToken/action", true)]
    [InlineData(BuiltInRoles.Reader, "Microsoft.ApiManagement/service/apis/read", true)]
    [InlineData(BuiltInRoles.Reader, "Microsoft.ApiManagement/service/gateways/listKeys/action", false)]
    [InlineData(BuiltInRoles.UserAccessAdministrator, "Microsoft.Authorization/roleAssignments/delete", true)]
    [InlineData(BuiltInRoles.UserAccessAdministrator, "Microsoft.ApiManagement/service/write", false)]
    [InlineData(BuiltInRoles.ServiceContributor, "Microsoft.ApiManagement/service/apis/operations/policies/write", true)]
    [InlineData(BuiltInRoles.ServiceContributor, "Microsoft.Resources/subscriptions/resourceGroups/write", false)]
    [InlineData(BuiltInRoles.ServiceOperator, "Microsoft.ApiManagement/service/write", true)]
    [InlineData(BuiltInRoles.ServiceOperator, "Microsoft.ApiManagement/service/apis/write", false)]
    [InlineData(BuiltInRoles.ServiceReader, "Microsoft.ApiManagement/service/apis/read", true)]
    [InlineData(BuiltInRoles.ServiceReader, "Microsoft.ApiManagement/service/users/keys/read", false)]
    [InlineData(BuiltInRoles.ServiceReader, "Microsoft.Authorization/roleAssignments/read", true)]
    public void Built_in_roles_permit_what_their_names_say(string role, string action, bool allowed) =>
        Assert.Equal(allowed, Evaluation.Evaluate(May(action), Set(BuiltInRoles.All, [Assign(role, Subscription)])).Allowed);
}
