using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postern.Policies.Expressions;

/// <summary>A format may ask for a text of any length: <c>D900000000</c>.</summary>
internal static class FormatGuard
{
    public static bool Concerns(InvocationExpressionSyntax call, IMethodSymbol method) => TakesFormat(method) && !HasSmallFormat(call);

    public static bool TakesFormat(IMethodSymbol method) => method.Parameters.Any(IsFormat);

    /// <summary>More than 999 of anything.</summary>
    public static bool IsHuge(string format)
    {
        var number = 0;
        foreach (var c in format)
        {
            number = char.IsAsciiDigit(c) ? (number * 10) + (c - '0') : 0;
            if (number > 999)
            {
                return true;
            }
        }

        return false;
    }

    /// <returns>Null when no format is given.</returns>
    public static InvocationExpressionSyntax? Call(InvocationExpressionSyntax visited, IMethodSymbol method) =>
        method.Parameters.FirstOrDefault(IsFormat) is { } format
        && (visited.ArgumentList.Arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.Text == "format")
            ?? visited.ArgumentList.Arguments.ElementAtOrDefault(format.Ordinal)) is { } text
            ? visited.WithArgumentList(visited.ArgumentList.ReplaceNode(
                text, text.WithExpression(GuardCalls.Call($"{GuardCalls.Budget}.{nameof(ExpressionBudget.Format)}", text.Expression))))
            : null;

    private static bool IsFormat(IParameterSymbol parameter) => parameter is { Name: "format", Type.SpecialType: SpecialType.System_String };

    /// <summary><c>ToString("o")</c>: the format is all there is, and it is written out.</summary>
    private static bool HasSmallFormat(InvocationExpressionSyntax call) =>
        call.ArgumentList.Arguments is [{ Expression: LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression } format }] && !IsHuge(format.Token.ValueText);
}
