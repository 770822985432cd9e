using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>How the store's index helps with a filter.</summary>
/// <param name="Query">Finds every resource that the filter lets through, and maybe more.</param>
/// <param name="IsExact">True when it finds no more than those, so that the store can page.</param>
internal sealed record FilterPlan(ValueQuery Query, bool IsExact)
{
    /// <returns>Null when every resource must be looked at.</returns>
    public static FilterPlan? For(ODataFilter filter, string parentId, string type) => Plan(filter.Expression, parentId, type);

    private static FilterPlan? Plan(FilterExpression expression, string parentId, string type)
    {
        switch (expression)
        {
            case FilterExpression.Both both:
                var (left, right) = (Plan(both.Left, parentId, type), Plan(both.Right, parentId, type));
                var better = right is null || (left is not null && Breadth(left) <= Breadth(right)) ? left : right;
                return better is null ? null : better with { IsExact = false };
            case FilterExpression.Comparison { Operator: "eq" } comparison:
                return Equal(comparison.Left, comparison.Right, parentId, type) ?? Equal(comparison.Right, comparison.Left, parentId, type);
            case FilterExpression.TextFunction { Text: FilterExpression.Field field, Part: FilterExpression.Constant { Value: string part } } function:
                return Text(function.Name, field, part, parentId, type);
            default:
                return null;
        }
    }

    private static FilterPlan? Text(string function, FilterExpression.Field field, string part, string parentId, string type)
    {
        if (Member(field, type) is not { } member || IndexedMembers.IsFlag(member) || !Fits(part))
        {
            return null;
        }

        var match = function switch { "startswith" => ValueMatch.StartsWith, "endswith" => ValueMatch.EndsWith, _ => ValueMatch.Contains };
        var isExact = match == ValueMatch.StartsWith || IndexedMembers.IsWhole(member);
        return new(new(parentId, type, member, match, part) { OrLonger = !isExact }, isExact);
    }

    private static FilterPlan? Equal(FilterExpression side, FilterExpression other, string parentId, string type)
    {
        if (side is not FilterExpression.Field field || other is not FilterExpression.Constant constant || Member(field, type) is not { } member)
        {
            return null;
        }

        return constant.Value switch
        {
            bool flag when IndexedMembers.IsFlag(member) => new(new(parentId, type, member, ValueMatch.Equal, flag ? "true" : "false") { IsFlag = true }, IsExact: true),
            // Texts that are times are compared as times, and not by the index.
            string text when !IndexedMembers.IsFlag(member) && Fits(text) && !MemberRules.TryTime(text, out _) => new(new(parentId, type, member, ValueMatch.Equal, text), IsExact: true),
            _ => null,
        };
    }

    private static bool Fits(string text) => text.Length is > 0 and < IndexedMembers.LongestText;

    private static string? Member(FilterExpression.Field field, string type) => field.Path switch
    {
        [var member] => IndexedMembers.Find(type, member),
        [var envelope, var member] when string.Equals(envelope, "properties", StringComparison.OrdinalIgnoreCase)
            && !string.Equals(member, "name", StringComparison.OrdinalIgnoreCase) => IndexedMembers.Find(type, member),
        _ => null,
    };

    /// <summary>How much a plan can be expected to find, as a rank.</summary>
    private static int Breadth(FilterPlan plan) => plan.Query.IsFlag ? int.MaxValue : (int)plan.Query.Match;
}
