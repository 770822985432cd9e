using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Postern.Policies.Expressions;

/// <summary>Every regular expression gets our timeout: what is missing is added so that the overload with one is called.</summary>
internal static class RegexGuard
{
    private static readonly ExpressionSyntax Timeout = ParseExpression($"{GuardCalls.Budget}.{nameof(ExpressionBudget.RegexTimeout)}");
    private static readonly ExpressionSyntax NoOptions = ParseExpression($"{GuardCalls.Budget}.{nameof(ExpressionBudget.NoRegexOptions)}");

    /// <summary>Its instances get the timeout when they are made.</summary>
    public static bool Concerns(IMethodSymbol method) =>
        method is { IsStatic: true, ContainingType.Name: "Regex", Name: "IsMatch" or "Match" or "Matches" or "Replace" or "Split" };

    /// <summary>Replacing by a text, which may come again for each character that was there.</summary>
    public static bool Replaces(IMethodSymbol method) =>
        method is { ContainingType.Name: "Regex", Name: "Replace" } && method.Parameters.Any(parameter => parameter.Name == "replacement");

    /// <summary>The text becomes a function that counts what it gives.</summary>
    public static ArgumentListSyntax Counted(ArgumentListSyntax list, IMethodSymbol method)
    {
        var parameter = method.Parameters.First(parameter => parameter.Name == "replacement");
        var given = list.Arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.Text == parameter.Name) ?? list.Arguments[parameter.Ordinal];
        return list.ReplaceNode(given, given.WithNameColon(given.NameColon is null ? null : NameColon("evaluator"))
            .WithExpression(GuardCalls.Call($"{GuardCalls.Budget}.{nameof(ExpressionBudget.Replacement)}", given.Expression)));
    }

    public static bool IsMade(INamedTypeSymbol type) => type.Name == "Regex";

    public static ArgumentListSyntax Constructor(ArgumentListSyntax list, IMethodSymbol method) => Timed(list, method, 1);

    public static ArgumentListSyntax Call(ArgumentListSyntax list, IMethodSymbol method) => Timed(list, method, method.Name == "Replace" ? 3 : 2);

    /// <param name="withoutOptions">How many arguments there are when no options are given.</param>
    private static ArgumentListSyntax Timed(ArgumentListSyntax list, IMethodSymbol method, int withoutOptions)
    {
        if (method.Parameters.FirstOrDefault(parameter => parameter.Type.Name == "TimeSpan") is { } timeout)
        {
            var given = list.Arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.Text == timeout.Name)
                ?? list.Arguments[timeout.Ordinal];
            return list.ReplaceNode(given.Expression, Timeout);
        }

        if (list.Arguments.Count == withoutOptions)
        {
            list = list.AddArguments(Argument(NoOptions));
        }

        return list.AddArguments(Argument(Timeout));
    }
}
