using System.Collections.Frozen;
using Microsoft.CodeAnalysis;

namespace Postern.Policies.Expressions;

/// <summary>
/// Tells expressions that cost microseconds at most: they read the context and compare, convert or cut texts whose length the limits on
/// headers and targets bound. What is not listed here may cost more. Loops, lambdas and bodies are judged elsewhere.
/// </summary>
internal struct LightExpressions
{
    private static readonly FrozenSet<string> OfSystem = new[]
    {
        "Object", "ValueType", "Boolean", "Byte", "Char", "Convert", "DateOnly", "DateTime", "DateTimeKind", "DateTimeOffset", "DayOfWeek", "Decimal",
        "Double", "Enum", "Guid", "Int16", "Int32", "Int64", "Math", "Nullable", "Single", "StringComparison", "TimeSpan", "Void",
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
        _calls = _calls || !IsSmall(symbol, type);
    }

    private static bool IsSmall(ISymbol symbol, ITypeSymbol type) => type.Name switch
    {
        "IMessageBody" => false,
        "ExpressionExtensions" => symbol is ITypeSymbol || symbol.Name == "GetValueOrDefault",
        "Convert" => symbol is ITypeSymbol || !symbol.Name.Contains("Base64", StringComparison.Ordinal),
        "IReadOnlyDictionary" or "IDictionary" or "KeyValuePair" => type.IsIn("System", "Collections", "Generic"),
        _ when OfSystem.Contains(type.Name) => type.IsIn("System"),
        _ => type.TypeKind is TypeKind.Interface or TypeKind.Enum && type.IsOfPolicies(),
    };
}
