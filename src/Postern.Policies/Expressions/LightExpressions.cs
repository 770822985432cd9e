using System.Collections.Frozen;
using Microsoft.CodeAnalysis;

namespace Postern.Policies.Expressions;

/// <summary>
/// Tells expressions that cost microseconds at most: they read the context and compare, convert or cut texts whose length the limits on
/// headers and targets bound. What is not listed here may cost more. Loops, lambdas and bodies are judged elsewhere.
/// </summary>
internal struct LightExpressions
{
    private static readonly FrozenSet<string> Types = new[]
    {
        "System.Object", "System.ValueType", "System.Boolean", "System.Byte", "System.Char", "System.Convert", "System.DateOnly", "System.DateTime",
        "System.DateTimeKind", "System.DateTimeOffset", "System.DayOfWeek", "System.Decimal", "System.Double", "System.Enum", "System.Guid", "System.Int16",
        "System.Int32", "System.Int64", "System.Math", "System.Nullable", "System.Single", "System.StringComparison", "System.TimeSpan", "System.Void",
        "System.Collections.Generic.IReadOnlyDictionary", "System.Collections.Generic.IDictionary", "System.Collections.Generic.KeyValuePair",
    }.ToFrozenSet();

    private bool _calls;
    private bool _isText;
    private bool _readsVariables;

    /// <summary>Variables may hold a whole body as text, so no text is worked on where they are read.</summary>
    public readonly bool Holds => !_calls && !(_isText && _readsVariables);

    public void See(ISymbol symbol)
    {
        var type = symbol as ITypeSymbol ?? symbol.ContainingType;
        if (symbol is INamespaceSymbol or ILocalSymbol or IParameterSymbol || type is null or IArrayTypeSymbol)
        {
            return;
        }

        if (type.SpecialType == SpecialType.System_String || symbol is IMethodSymbol { MethodKind: MethodKind.BuiltinOperator, ReturnType.SpecialType: SpecialType.System_String })
        {
            _isText |= symbol is not ITypeSymbol;
            return;
        }

        _readsVariables |= symbol is { Name: "Variables", ContainingType.Name: "IContext" };
        _calls |= !IsSmall(symbol, type);
    }

    private static bool IsSmall(ISymbol symbol, ITypeSymbol type)
    {
        var name = type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{type.Name}" : type.Name;
        return type.Name switch
        {
            "IMessageBody" => false,
            "ExpressionExtensions" => symbol is ITypeSymbol || symbol.Name == "GetValueOrDefault",
            "Convert" => symbol is ITypeSymbol || !symbol.Name.Contains("Base64", StringComparison.Ordinal),
            _ => Types.Contains(name)
                || (type.TypeKind is TypeKind.Interface or TypeKind.Enum && name.StartsWith("Postern.Policies.", StringComparison.Ordinal)),
        };
    }
}
