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

        return method.TypeArguments.Length > 0 && type.MetadataName().StartsWith("Newtonsoft.", StringComparison.Ordinal)
            && method.TypeArguments.Any(argument => argument.MetadataName().StartsWith("System.Security.", StringComparison.Ordinal))
            ? "Cryptographic types can't be made from JSON in policy expressions."
            : null;
    }

    private static bool NamesKnownCipher(InvocationExpressionSyntax call, SemanticModel model) =>
        call.ArgumentList.Arguments is [var only]
        && model.GetConstantValue(only.Expression) is { HasValue: true, Value: string cipher }
        && ExpressionAllowList.CipherNames.Contains(cipher, StringComparer.OrdinalIgnoreCase);
}
