using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postern.Policies.Expressions;

/// <summary>Calls whose danger is in a value: names that become types, types that deserialize to something alive.</summary>
internal static class DangerousArguments
{
    /// <returns>What a message says; null when there is nothing to say.</returns>
    public static string? Refusal(InvocationExpressionSyntax call, IMethodSymbol method, SemanticModel model)
    {
        if (method.ContainingType is not { } type)
        {
            return null;
        }

        if (method.Name == "Create" && type.IsIn("System", "Security", "Cryptography"))
        {
            return type.Name == "SymmetricAlgorithm" && !NamesKnownCipher(call, model)
                ? $"SymmetricAlgorithm.Create is allowed with one of these constants only: {string.Join(", ", ExpressionAllowList.CipherNames)}."
                : type.Name == "RSA" && method.Parameters is [{ Type.SpecialType: SpecialType.System_String }]
                    ? "RSA.Create by name is not allowed in policy expressions."
                    : null;
        }

        if (type.Name == "Array" && method.Name is "Copy" or "CopyTo" or "ConstrainedCopy" or "GetValue" && MakesObjects(call, model))
        {
            return "Elements of an array can't become objects by copying in policy expressions.";
        }

        return method.TypeArguments.Length > 0 && method.Name is "DeserializeObject" or "ToObject" && type.IsIn("Newtonsoft", "Json", "Linq") | type.IsIn("Newtonsoft", "Json")
            && method.TypeArguments.Select(Alive).FirstOrDefault(found => found is not null) is { } alive
            ? $"'{alive}' can't be made from JSON in policy expressions."
            : null;
    }

    /// <summary>Pairs and tuples print themselves by recursion once they are objects; the guard sees conversions that are written.</summary>
    private static bool MakesObjects(InvocationExpressionSyntax call, SemanticModel model)
    {
        var given = call.ArgumentList.Arguments.Select(argument => argument.Expression);
        return (call.Expression is MemberAccessExpressionSyntax access ? given.Append(access.Expression) : given)
            .Any(expression => model.GetTypeInfo(expression).Type is IArrayTypeSymbol array && NestingGuard.IsPair(array.ElementType));
    }

    /// <summary>
    /// A type that would be more than values: patterns without a limit on their time, keys, readers. What stands for any type could be one.
    /// </summary>
    private static string? Alive(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => Alive(array.ElementType),
        ITypeParameterSymbol => type.Name,
        INamedTypeSymbol named when named.TypeKind == TypeKind.Delegate || named.IsIn("System", "IO") || named.IsIn("System", "Text")
            || named.IsIn("System", "Text", "RegularExpressions") || named.IsIn("System", "Xml") || named.IsIn("System", "Net")
            || named.IsIn("System", "Security", "Cryptography") || named.IsIn("System", "Security", "Cryptography", "X509Certificates") => type.Name,
        INamedTypeSymbol named => named.TypeArguments.Select(Alive).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static bool NamesKnownCipher(InvocationExpressionSyntax call, SemanticModel model) =>
        call.ArgumentList.Arguments is [var only]
        && model.GetConstantValue(only.Expression) is { HasValue: true, Value: string cipher }
        && ExpressionAllowList.CipherNames.Contains(cipher, StringComparer.OrdinalIgnoreCase);
}
