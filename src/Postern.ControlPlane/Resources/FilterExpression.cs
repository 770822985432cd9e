using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>A node of a filter. Values are null, bool, double, string or <see cref="JsonArray"/>.</summary>
internal abstract record FilterExpression
{
    public abstract object? Evaluate(FilterScope scope);

    public sealed record Constant(object? Value) : FilterExpression
    {
        public override object? Evaluate(FilterScope scope) => Value;
    }

    public sealed record Field(IReadOnlyList<string> Path) : FilterExpression
    {
        public override object? Evaluate(FilterScope scope) => Plain(scope.Resolve(Path));
    }

    public sealed record Not(FilterExpression Inner) : FilterExpression
    {
        public override object? Evaluate(FilterScope scope) => Inner.Evaluate(scope) is not true;
    }

    public sealed record Both(FilterExpression Left, FilterExpression Right) : FilterExpression
    {
        public override object? Evaluate(FilterScope scope) => Left.Evaluate(scope) is true && Right.Evaluate(scope) is true;
    }

    public sealed record Either(FilterExpression Left, FilterExpression Right) : FilterExpression
    {
        public override object? Evaluate(FilterScope scope) => Left.Evaluate(scope) is true || Right.Evaluate(scope) is true;
    }

    public sealed record Comparison(string Operator, FilterExpression Left, FilterExpression Right) : FilterExpression
    {
        public override object? Evaluate(FilterScope scope)
        {
            var order = Compare(Left.Evaluate(scope), Right.Evaluate(scope));
            return Operator switch
            {
                "eq" => order == 0,
                "ne" => order != 0,
                "gt" => order > 0,
                "ge" => order >= 0,
                "lt" => order < 0,
                _ => order <= 0,
            };
        }
    }

    public sealed record TextFunction(string Name, FilterExpression Text, FilterExpression Part) : FilterExpression
    {
        public override object? Evaluate(FilterScope scope) =>
            Text.Evaluate(scope) is string text && Part.Evaluate(scope) is string part && Name switch
            {
                "startswith" => text.StartsWith(part, StringComparison.OrdinalIgnoreCase),
                "endswith" => text.EndsWith(part, StringComparison.OrdinalIgnoreCase),
                _ => text.Contains(part, StringComparison.OrdinalIgnoreCase),
            };
    }

    public sealed record Quantifier(bool All, IReadOnlyList<string> Path, string Variable, FilterExpression Inner) : FilterExpression
    {
        public override object? Evaluate(FilterScope scope)
        {
            var items = scope.Resolve(Path) as JsonArray ?? [];
            return All ? items.All(item => Holds(scope, item)) : items.Any(item => Holds(scope, item));
        }

        private bool Holds(FilterScope scope, JsonNode? item) => Inner.Evaluate(scope with { Variable = Variable, Item = item }) is true;
    }

    /// <returns>Null when the two can't be compared.</returns>
    private static int? Compare(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (string a, string b) when MemberRules.TryTime(a, out var at) && MemberRules.TryTime(b, out var bt) && a.Contains('T') && b.Contains('T') => at.CompareTo(bt),
        (string a, string b) => string.Compare(a, b, StringComparison.OrdinalIgnoreCase),
        (double a, double b) => a.CompareTo(b),
        (bool a, bool b) => a.CompareTo(b),
        (string a, double b) when double.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number.CompareTo(b),
        _ => null,
    };

    /// <summary>The casts keep the compiler from turning texts into nodes, to which they convert implicitly.</summary>
    private static object? Plain(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.String => node.GetValue<string>(),
        JsonValueKind.Number => (object)node.Deserialize<double>(),
        JsonValueKind.True => (object)true,
        JsonValueKind.False => (object)false,
        _ => (object?)node,
    };
}

/// <summary>What field names refer to: members of <c>properties</c>, the envelope's <c>name</c> and <c>id</c>, or a lambda's variable.</summary>
internal sealed record FilterScope(JsonObject Resource, string? Variable = null, JsonNode? Item = null)
{
    public JsonNode? Resolve(IReadOnlyList<string> path)
    {
        JsonNode? node;
        var rest = path.Skip(1);
        if (Variable is not null && path[0] == Variable)
        {
            node = Item;
        }
        else if (Is(path[0], "properties"))
        {
            node = Resource["properties"];
        }
        else if (Find(Resource["properties"], path[0]) is { } member)
        {
            node = member;
        }
        else
        {
            node = Find(Resource, path[0]);
        }

        foreach (var step in rest)
        {
            node = Find(node, step);
        }

        return node;
    }

    private static JsonNode? Find(JsonNode? node, string name)
    {
        if (node is not JsonObject value)
        {
            return null;
        }

        return value.TryGetPropertyValue(name, out var exact) ? exact : value.FirstOrDefault(member => Is(member.Key, name)).Value;
    }

    private static bool Is(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
