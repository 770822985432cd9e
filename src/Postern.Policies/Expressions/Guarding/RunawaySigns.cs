using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postern.Policies.Expressions;

/// <summary>What makes an expression one that <see cref="ExpressionGuard"/> must rewrite.</summary>
internal static class RunawaySigns
{
    public static bool Has(SyntaxNode node) => node switch
    {
        WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax or CommonForEachStatementSyntax => true,
        AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or QueryExpressionSyntax => true,
        ArrayCreationExpressionSyntax or ImplicitObjectCreationExpressionSyntax => true,
        AssignmentExpressionSyntax assignment => SizeGuard.SetsLength(assignment),
        _ => false,
    };

    public static bool HasMade(INamedTypeSymbol type) => SizeGuard.IsSized(type) || RegexGuard.IsMade(type);

    public static bool HasCall(InvocationExpressionSyntax call, IMethodSymbol method) => IsGuarded(method) || FormatGuard.Concerns(call, method) || SizeGuard.Seeks(call, method);

    /// <summary>The guard does something about calls of it, at least about some.</summary>
    public static bool IsRewritten(IMethodSymbol method) =>
        IsGuarded(method) || FormatGuard.TakesFormat(method) || SequenceGuard.Reads(method) || NestingGuard.Creates(method) || TreeGuard.Puts(method);

    private static bool IsGuarded(IMethodSymbol method) =>
        SequenceGuard.JoinsMany(method) || TreeGuard.Concerns(method) || SizeGuard.Concerns(method) || RegexGuard.Concerns(method) || RegexGuard.Replaces(method);
}
