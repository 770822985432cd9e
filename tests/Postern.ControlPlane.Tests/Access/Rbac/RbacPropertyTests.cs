using FsCheck;
using FsCheck.Fluent;
using Postern.ControlPlane.Access.Rbac;
using Evaluation = Postern.ControlPlane.Access.Rbac.Rbac;

namespace Postern.ControlPlane.Tests.Access.Rbac;

/// <summary>Laws that hold whatever the roles are.</summary>
public sealed class RbacPropertyTests
{
    private static readonly string[] Words = ["read", "write", "Service", "gateways", "x"];
    private static readonly string[] Principals = ["p1", "p2", "g1", "g2"];

    private static readonly Gen<string> Action = Gen.Elements(Words).NonEmptyListOf().Select(words => string.Join('/', words.Take(4)));
    private static readonly Gen<string> Pattern = Gen.Elements([.. Words, "*", "*"]).NonEmptyListOf().Select(words => string.Join('/', words.Take(4)));
    private static readonly Gen<string> Scope = Gen.Elements("a", "ab", "b", "B").ListOf().Select(words => ArmScope.Normalise(string.Join('/', words.Take(4))));
    private static readonly Gen<string[]> Patterns = Pattern.ListOf().Select(patterns => patterns.Take(3).ToArray());

    private static readonly Gen<RolePermission> Permission =
        from actions in Patterns
        from notActions in Patterns
        from dataActions in Patterns
        from notDataActions in Patterns
        select new RolePermission(actions, notActions, dataActions, notDataActions);

    private static readonly Gen<RoleDefinition> Role =
        from name in Gen.Elements("r1", "r2", "r3", "r4")
        from permissions in Permission.NonEmptyListOf()
        select new RoleDefinition(name, name, "", false, [.. permissions.Take(2)], ["/"]);

    private static readonly Gen<RoleAssignment> Assignment =
        from role in Gen.Elements("r1", "r2", "r3", "r4", "none")
        from scope in Scope
        from principal in Gen.Elements(Principals)
        select new RoleAssignment($"{scope}-{role}", scope, role, principal);

    private static readonly Gen<DenyAssignment> Deny =
        from scope in Gen.OneOf(Scope, Gen.Constant(ArmScope.Tenant))
        from permission in Gen.OneOf(Permission, Gen.Constant(new RolePermission(["*"], [], ["*"], [])))
        from own in Gen.Elements(true, false)
        from principals in Gen.Elements([.. Principals, Evaluation.Everyone]).NonEmptyListOf()
        from excluded in Gen.Elements(Principals).ListOf()
        select new DenyAssignment(scope, scope, scope, [permission], own, [.. principals.Take(2)], [.. excluded.Take(2)]);

    private static readonly Gen<RoleSet> Set =
        from roles in Role.ListOf()
        from assignments in Assignment.ListOf()
        from denies in Deny.ListOf()
        select new RoleSet(
            roles.DistinctBy(role => role.Name).ToDictionary(role => role.Name, StringComparer.OrdinalIgnoreCase), [.. assignments], [.. denies.Take(2)], []);

    private static readonly Gen<AccessQuestion> Question =
        from action in Action
        from plane in Gen.Elements(Plane.Action, Plane.DataAction)
        from scope in Scope
        from groups in Gen.SubListOf("g1", "g2")
        select new AccessQuestion("p1", [.. groups], action, plane, scope);

    private static readonly Gen<(RoleSet Roles, AccessQuestion Question)> Case = from set in Set from question in Question select (set, question);

    private static void Holds<T>(Gen<T> gen, Func<T, bool> law) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(8).WithQuietOnSuccess(true), Prop.ForAll(gen.ToArbitrary(), law));

    private static bool Allowed(RoleSet set, AccessQuestion question) => Evaluation.Evaluate(question, set).Allowed;

    [Fact]
    public void The_cases_are_no_empty_talk()
    {
        var steps = Case.Sample(2000, 8).Select(c => Evaluation.Evaluate(c.Question, c.Roles).Step).CountBy(step => step).ToDictionary();

        Assert.All(
            [AccessStep.Granted, AccessStep.Denied, AccessStep.Excluded, AccessStep.NotInRoles, AccessStep.OtherPlane, AccessStep.RoleMissing, AccessStep.AssignedElsewhere],
            step => Assert.True(steps.GetValueOrDefault(step) > 10, $"{step}: {steps.GetValueOrDefault(step)} of 2000"));
    }

    [Fact]
    public void One_more_assignment_never_removes_access() =>
        Holds(from c in Case from more in Assignment select (c.Roles, c.Question, More: more), c =>
            !Allowed(c.Roles, c.Question) || Allowed(c.Roles with { Assignments = [c.More, .. c.Roles.Assignments] }, c.Question));

    [Fact]
    public void One_more_role_definition_never_removes_access() =>
        Holds(from c in Case from more in Role select (c.Roles, c.Question, More: more), c =>
        {
            var roles = new Dictionary<string, RoleDefinition>(c.Roles.Roles, StringComparer.OrdinalIgnoreCase);
            roles.TryAdd(c.More.Name, c.More);
            return !Allowed(c.Roles, c.Question) || Allowed(c.Roles with { Roles = roles }, c.Question);
        });

    [Fact]
    public void One_more_deny_assignment_never_adds_access() =>
        Holds(from c in Case from more in Deny select (c.Roles, c.Question, More: more), c =>
            Allowed(c.Roles, c.Question) || !Allowed(c.Roles with { Denies = [c.More, .. c.Roles.Denies] }, c.Question));

    [Fact]
    public void A_deny_assignment_that_applies_beats_all_roles() =>
        Holds(Case, c =>
        {
            var deny = new DenyAssignment("d", "d", c.Question.Scope, [new(["*"], [], ["*"], [])], false, ["p1"], []);
            return Evaluation.Evaluate(c.Question, c.Roles with { Denies = [.. c.Roles.Denies, deny] }).Step == AccessStep.Denied;
        });

    [Fact]
    public void Access_without_deny_assignments_holds_at_every_scope_below() =>
        Holds(from c in Case from below in Gen.Elements("a", "b/c") select (c.Roles, c.Question, Below: below), c =>
        {
            var set = c.Roles with { Denies = [] };
            var below = c.Question with { Scope = ArmScope.Normalise($"{c.Question.Scope}/{c.Below}") };
            return !Allowed(set, c.Question) || Allowed(set, below);
        });

    [Fact]
    public void Scopes_that_include_each_other_are_prefixes_of_whole_segments() =>
        Holds(from a in Scope from b in Scope select (a, b), c =>
        {
            var (above, below) = (c.a.Split('/', StringSplitOptions.RemoveEmptyEntries), c.b.Split('/', StringSplitOptions.RemoveEmptyEntries));
            var prefix = above.Length <= below.Length && above.Zip(below).All(pair => string.Equals(pair.First, pair.Second, StringComparison.OrdinalIgnoreCase));
            return ArmScope.Includes(c.a, c.b) == prefix;
        });

    [Fact]
    public void NotActions_take_only_from_their_own_role() =>
        Holds(from c in Case from more in Patterns select (c.Roles, c.Question, More: more), c =>
        {
            // A new role that excludes things is added and assigned to the caller: nothing that was allowed may be lost.
            var excluding = new RoleDefinition("excluding", "excluding", "", false, [new(["x"], c.More, ["x"], c.More)], ["/"]);
            var roles = new Dictionary<string, RoleDefinition>(c.Roles.Roles, StringComparer.OrdinalIgnoreCase) { ["excluding"] = excluding };
            var set = c.Roles with { Roles = roles, Assignments = [new("e", "/", "excluding", "p1"), .. c.Roles.Assignments] };
            return !Allowed(c.Roles, c.Question) || Allowed(set, c.Question);
        });

    [Fact]
    public void The_planes_do_not_know_each_other() =>
        Holds(Case, c =>
        {
            var blank = c.Roles.Roles.ToDictionary(
                pair => pair.Key,
                pair => pair.Value with
                {
                    Permissions = [.. pair.Value.Permissions.Select(p => c.Question.Plane == Plane.Action
                        ? p with { DataActions = ["*"], NotDataActions = ["*"] }
                        : p with { Actions = ["*"], NotActions = ["*"] })],
                },
                StringComparer.OrdinalIgnoreCase);
            var set = c.Roles with { Denies = [] };
            return Allowed(set, c.Question) == Allowed(set with { Roles = blank }, c.Question);
        });

    [Fact]
    public void Casing_changes_nothing() =>
        Holds(Case, c => Allowed(c.Roles, c.Question) == Allowed(c.Roles, c.Question with
        {
            Operation = c.Question.Operation.ToUpperInvariant(),
            Scope = c.Question.Scope.ToUpperInvariant(),
            PrincipalId = c.Question.PrincipalId.ToUpperInvariant(),
        }));

    [Fact]
    public void Order_changes_nothing() =>
        Holds(Case, c => Allowed(c.Roles, c.Question) == Allowed(
            c.Roles with { Assignments = [.. c.Roles.Assignments.Reverse()], Denies = [.. c.Roles.Denies.Reverse()] }, c.Question));

    [Fact]
    public void A_pattern_matches_as_the_same_regular_expression_does() =>
        Holds(from pattern in Gen.Elements([.. Words, "*", "/", "a"]).ListOf()
              from action in Gen.Elements([.. Words, "/", "a"]).ListOf()
              select (Pattern: string.Concat(pattern.Take(6)), Action: string.Concat(action.Take(8))), c =>
        {
            var regex = "^" + string.Join(".*", c.Pattern.Split('*').Select(System.Text.RegularExpressions.Regex.Escape)) + "$";
            return ActionPattern.Matches(c.Pattern, c.Action)
                == System.Text.RegularExpressions.Regex.IsMatch(c.Action, regex, System.Text.RegularExpressions.RegexOptions.IgnoreCase | System.Text.RegularExpressions.RegexOptions.Singleline);
        });
}
