using System.Numerics;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>
/// A filter as far as indexed members decide it: 64 resources at a time, without reading them. What is left undecided (other members, ends
/// of long texts) is for <see cref="ODataFilter.Matches"/>, which every decision here agrees with.
/// </summary>
internal sealed class FilterPlan
{
    private readonly Judge _judge;

    private FilterPlan(Judge judge) => _judge = judge;

    private delegate Verdicts Judge(MemberBlock block);

    /// <returns>Null when indexed members decide nothing of the filter.</returns>
    public static FilterPlan? For(ODataFilter filter, string type) => Plan(filter.Expression, IndexedMembers.Of(type)) is { } judge ? new(judge) : null;

    /// <summary>The resources that a filter may let through.</summary>
    public FilterSelection Select(MemberTable table)
    {
        var possible = new ulong[table.Blocks.Length];
        var (count, isExact) = (0, true);
        for (var i = 0; i < possible.Length; i++)
        {
            var verdicts = _judge(table.Blocks[i]);
            possible[i] = verdicts.Possible & table.Blocks[i].All;
            isExact &= (possible[i] & ~verdicts.Certain) == 0;
            count += BitOperations.PopCount(possible[i]);
        }

        return new(table, possible, count, isExact);
    }

    private static Judge? Plan(FilterExpression expression, string[] members)
    {
        switch (expression)
        {
            case FilterExpression.Not not:
                return Plan(not.Inner, members) is { } inner ? block => inner(block).Reversed() : null;
            case FilterExpression.Both both:
                var (left, right) = (Plan(both.Left, members), Plan(both.Right, members));
                return left is null || right is null
                    ? (left ?? right) is { } known ? block => known(block).AndMaybe() : null
                    : block => left(block).And(right(block));
            case FilterExpression.Either either:
                return Plan(either.Left, members) is { } one && Plan(either.Right, members) is { } other ? block => one(block).Or(other(block)) : null;
            case FilterExpression.Field field when Member(field, members) is { } member:
                return block => Verdicts.Exactly(block[member].True);
            case FilterExpression.Comparison comparison:
                return Compared(comparison, members);
            case FilterExpression.TextFunction { Text: FilterExpression.Field field, Part: FilterExpression.Constant { Value: string { Length: > 0 } part } } function
                when Member(field, members) is { } member && IsComparable(part):
                return Text(function.Name, member, IndexedMembers.Fold(part));
            default:
                return null;
        }
    }

    private static Judge Text(string function, int member, string part) => function switch
    {
        "startswith" => block => Verdicts.Exactly(block[member].StartingWith(part)),
        "endswith" => block => Open(block[member].EndingWith(part) & ~block[member].Cut, block[member].Cut),
        _ => block => Open(block[member].Containing(part), block[member].Cut),
    };

    private static Verdicts Open(ulong certain, ulong undecided) => new(certain, certain | undecided);

    private static Judge? Compared(FilterExpression.Comparison comparison, string[] members)
    {
        var (field, constant) = (comparison.Left, comparison.Right) switch
        {
            (FilterExpression.Field left, FilterExpression.Constant right) => (left, right),
            (FilterExpression.Constant left, FilterExpression.Field right) when comparison.Operator is "eq" or "ne" => (right, left),
            _ => (null, null),
        };
        if (field is null || Member(field, members) is not { } member)
        {
            return null;
        }

        return (comparison.Operator, constant!.Value) switch
        {
            ("eq", bool flag) => block => Verdicts.Exactly(flag ? block[member].True : block[member].False),
            ("ne", bool flag) => block => Verdicts.Exactly(~(flag ? block[member].True : block[member].False)),

            // Texts that are times are compared as times, and not by the index.
            (var name, string text) when IsComparable(text) && !MemberRules.TryTime(text, out _) => Compared(name, member, IndexedMembers.Fold(text)),
            _ => null,
        };
    }

    private static Judge Compared(string name, int member, string text) => name switch
    {
        "eq" => block => Verdicts.Exactly(block[member].Equal(text)),
        "ne" => block => Verdicts.Exactly(~block[member].Equal(text)),
        _ => block => Ordered(name, block[member], text),
    };

    private static Verdicts Ordered(string name, MemberColumn column, string text)
    {
        var (before, same) = column.Compared(text);
        var texts = column.Present & ~column.True & ~column.False;
        var undecided = column.HasSurrogates ? texts : column.Cut;
        var holds = name switch { "gt" => ~(before | same), "ge" => ~before, "lt" => before, _ => before | same };
        return Open(holds & texts & ~undecided, undecided);
    }

    private static bool IsComparable(string text) => text.Length < IndexedMembers.LongestText - 1 && !text.Contains('\0', StringComparison.Ordinal);

    private static int? Member(FilterExpression.Field field, string[] members)
    {
        var name = field.Path switch
        {
            [var member] => member,
            // The index has the name of the resource where there is no such property.
            [var envelope, var member] when Is(envelope, "properties") && !Is(member, "name") => member,
            _ => null,
        };
        var place = name is null ? -1 : Array.FindIndex(members, known => Is(known, name));
        return place < 0 ? null : place;
    }

    private static bool Is(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    /// <summary>Of the rows of a block: those that certainly match, and those that may, which hold the certain ones.</summary>
    private readonly record struct Verdicts(ulong Certain, ulong Possible)
    {
        public static Verdicts Exactly(ulong rows) => new(rows, rows);

        public Verdicts Reversed() => new(~Possible, ~Certain);

        public Verdicts And(Verdicts other) => new(Certain & other.Certain, Possible & other.Possible);

        public Verdicts Or(Verdicts other) => new(Certain | other.Certain, Possible | other.Possible);

        /// <summary>And something that nothing is known of.</summary>
        public Verdicts AndMaybe() => this with { Certain = 0 };
    }
}
