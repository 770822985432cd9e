using Postern.ControlPlane.Access.Rbac;

namespace Postern.ControlPlane.Tests.Access.Rbac;

public sealed class ActionPatternTests
{
    [Theory]
    [InlineData("*", "anything/at/all", true)]
    [InlineData("*", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*/read", "Microsoft.ApiManagement/service/read", true)]
    [InlineData("*/read", "read", false)]
    [InlineData("Microsoft.CostManagement/exports/*", "Microsoft.CostManagement/exports/run/action", true)]
    [InlineData("Microsoft.CostManagement/*/query/*", "microsoft.costmanagement/a/b/query/c/d", true)]
    [InlineData("Microsoft.CostManagement/*/query/*", "Microsoft.CostManagement/query/c", false)]
    [InlineData("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/roleAssignments/delete", true)]
    [InlineData("Microsoft.ApiManagement/service/read", "Microsoft.ApiManagement/service/readers", false)]
    [InlineData("a*b*c", "aXXbYYbc", true)]
    [InlineData("a*b*c", "aXXbYYb", false)]
    [InlineData("a**", "a", true)]
    public void A_star_stands_for_any_run_of_characters(string pattern, string action, bool matches) =>
        Assert.Equal(matches, ActionPattern.Matches(pattern, action));

    [Fact]
    public void A_hostile_pattern_takes_no_exponential_time()
    {
        var pattern = string.Concat(Enumerable.Repeat("*a", 200)) + "b";

        Assert.False(ActionPattern.Matches(pattern, new string('a', 2000)));
    }
}
