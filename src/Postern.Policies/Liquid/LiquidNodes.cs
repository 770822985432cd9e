namespace Postern.Policies.Liquid;

internal abstract class LiquidNode
{
    public abstract void Render(LiquidScope scope);
}

internal sealed class LiquidBlock(IReadOnlyList<LiquidNode> nodes) : LiquidNode
{
    public override void Render(LiquidScope scope)
    {
        foreach (var node in nodes)
        {
            node.Render(scope);
            if (scope.Jump != LiquidJump.None)
            {
                return;
            }
        }
    }
}

internal sealed class LiquidText(string text) : LiquidNode
{
    public override void Render(LiquidScope scope) => scope.Write(text);
}

internal sealed class LiquidOutput(LiquidExpression value) : LiquidNode
{
    public override void Render(LiquidScope scope) => scope.Write(LiquidValues.ToText(value.Evaluate(scope)));
}

internal sealed class LiquidAssign(string name, LiquidExpression value) : LiquidNode
{
    public override void Render(LiquidScope scope) => scope[name] = value.Evaluate(scope);
}

internal sealed class LiquidCapture(string name, LiquidBlock body) : LiquidNode
{
    public override void Render(LiquidScope scope) => scope[name] = scope.Capture(() => body.Render(scope));
}

/// <summary>increment prints and then adds; decrement subtracts and then prints.</summary>
internal sealed class LiquidCount(string name, int by) : LiquidNode
{
    public override void Render(LiquidScope scope)
    {
        var key = $"(count) {name}";
        var value = scope[key] as long? ?? 0L;
        scope[key] = value + by;
        scope.Write(LiquidValues.ToText(by > 0 ? value : value + by));
    }
}

/// <summary>if, elsif, else, unless and case alike: the first branch that applies.</summary>
internal sealed class LiquidBranches(IReadOnlyList<(Func<LiquidScope, bool> Applies, LiquidBlock Body)> branches) : LiquidNode
{
    public override void Render(LiquidScope scope)
    {
        scope.Turn();
        foreach (var (applies, body) in branches)
        {
            if (applies(scope))
            {
                body.Render(scope);
                return;
            }
        }
    }
}

internal sealed class LiquidJumpTag(LiquidJump jump) : LiquidNode
{
    public override void Render(LiquidScope scope) => scope.Jump = jump;
}

internal sealed class LiquidCycle(string key, IReadOnlyList<LiquidExpression> values) : LiquidNode
{
    public override void Render(LiquidScope scope)
    {
        var at = scope[key] as long? ?? 0L;
        scope[key] = at + 1;
        scope.Write(LiquidValues.ToText(values[(int)(at % values.Count)].Evaluate(scope)));
    }
}

/// <summary>for, and JSONArrayFor, which puts commas between its turns.</summary>
internal sealed class LiquidFor(
    string name, LiquidExpression source, LiquidExpression? limit, LiquidExpression? offset, bool reversed, bool commas, LiquidBlock body, LiquidBlock? none)
    : LiquidNode
{
    public override void Render(LiquidScope scope)
    {
        var items = LiquidValues.ToItems(source.Evaluate(scope)).Skip(Number(offset, scope) ?? 0);
        var list = (Number(limit, scope) is { } most ? items.Take(most) : items).ToList();
        if (reversed)
        {
            list.Reverse();
        }

        if (list.Count == 0)
        {
            none?.Render(scope);
            return;
        }

        var (outerItem, outerLoop) = (scope[name], scope["forloop"]);
        for (var i = 0; i < list.Count; i++)
        {
            scope.Turn();
            scope[name] = list[i];
            scope["forloop"] = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase)
            {
                ["index"] = i + 1L,
                ["index0"] = (long)i,
                ["rindex"] = (long)list.Count - i,
                ["rindex0"] = list.Count - i - 1L,
                ["first"] = i == 0,
                ["last"] = i == list.Count - 1,
                ["length"] = (long)list.Count,
            };
            if (commas && i > 0)
            {
                scope.Write(",");
            }

            body.Render(scope);
            var jump = scope.Jump;
            scope.Jump = LiquidJump.None;
            if (jump == LiquidJump.Break)
            {
                break;
            }
        }

        (scope[name], scope["forloop"]) = (outerItem, outerLoop);
    }

    private static int? Number(LiquidExpression? expression, LiquidScope scope) =>
        expression?.Evaluate(scope) is { } value ? (int)Math.Clamp(LiquidValues.ToNumber(value), 0, int.MaxValue) : null;
}
