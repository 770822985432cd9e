using Microsoft.CodeAnalysis;

namespace Postern.Policies.Expressions;

/// <summary>Names of symbols without the compiler's display formats, which cost more than all else that rules do.</summary>
internal static class SymbolNames
{
    /// <summary>Namespace, outer types and arity, as reflection has it.</summary>
    public static string MetadataName(this ITypeSymbol type)
    {
        var name = type.OriginalDefinition.MetadataName;
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = $"{outer.OriginalDefinition.MetadataName}+{name}";
        }

        for (var space = type.ContainingNamespace; space is { IsGlobalNamespace: false }; space = space.ContainingNamespace)
        {
            name = $"{space.Name}.{name}";
        }

        return name;
    }

    /// <summary>Declared in exactly this namespace.</summary>
    public static bool IsIn(this ISymbol symbol, params ReadOnlySpan<string> path)
    {
        var space = symbol.ContainingNamespace;
        for (var i = path.Length - 1; i >= 0; i--)
        {
            if (space is not { IsGlobalNamespace: false } || space.Name != path[i])
            {
                return false;
            }

            space = space.ContainingNamespace;
        }

        return space is { IsGlobalNamespace: true };
    }

    /// <summary>Declared by the policy language.</summary>
    public static bool IsOfPolicies(this ISymbol symbol) =>
        symbol.IsIn("Postern", "Policies", "Expressions") || symbol.IsIn("Postern", "Policies", "Runtime");
}
