namespace Postern.Policies.Liquid;

/// <summary>A value with its filters.</summary>
internal sealed class LiquidExpression(LiquidOperand operand, IReadOnlyList<(LiquidFilter Filter, LiquidOperand[] Arguments)> filters)
{
    public object? Evaluate(LiquidScope scope)
    {
        var value = operand.Evaluate(scope);
        foreach (var (filter, arguments) in filters)
        {
            value = filter(value, [.. arguments.Select(argument => argument.Evaluate(scope))]);
        }

        return value;
    }
}

internal abstract class LiquidOperand
{
    public abstract object? Evaluate(LiquidScope scope);
}

internal sealed class LiquidLiteral(object? value) : LiquidOperand
{
    public override object? Evaluate(LiquidScope scope) => value;
}

internal sealed class LiquidRange(LiquidOperand from, LiquidOperand to) : LiquidOperand
{
    public override object? Evaluate(LiquidScope scope)
    {
        var low = (long)LiquidValues.ToNumber(from.Evaluate(scope));
        var high = (long)LiquidValues.ToNumber(to.Evaluate(scope));
        return high - low > 1_000_000
            ? throw new LiquidException("The range is too long.")
            : Enumerable.Range(0, (int)Math.Max(0, high - low + 1)).Select(i => (object?)(low + i)).ToList();
    }
}

/// <summary>A name and the way from it: <c>body.items[0]['a-b']</c>.</summary>
internal sealed class LiquidPath(string root, IReadOnlyList<LiquidOperand> steps) : LiquidOperand
{
    public override object? Evaluate(LiquidScope scope)
    {
        var value = scope[root];
        foreach (var step in steps)
        {
            if (value is null)
            {
                return null;
            }

            value = LiquidValues.Member(value, step.Evaluate(scope));
        }

        return value;
    }
}

/// <summary>and, or and comparisons; evaluated from the right, as Liquid does.</summary>
internal sealed class LiquidCondition(LiquidExpression left, string? comparison, LiquidExpression? right, bool and, LiquidCondition? rest)
{
    public bool Holds(LiquidScope scope)
    {
        var here = comparison is null ? LiquidValues.IsTrue(left.Evaluate(scope)) : Compare(left.Evaluate(scope), right!.Evaluate(scope));
        return rest is null ? here : and ? here && rest.Holds(scope) : here || rest.Holds(scope);
    }

    private bool Compare(object? a, object? b) => comparison switch
    {
        "==" => LiquidValues.AreEqual(a, b),
        "!=" or "<>" => !LiquidValues.AreEqual(a, b),
        "contains" => LiquidValues.Contains(a, b),
        _ => a is not null && b is not null && comparison switch
        {
            "<" => LiquidValues.Order(a, b) < 0,
            ">" => LiquidValues.Order(a, b) > 0,
            "<=" => LiquidValues.Order(a, b) <= 0,
            _ => LiquidValues.Order(a, b) >= 0,
        },
    };
}
