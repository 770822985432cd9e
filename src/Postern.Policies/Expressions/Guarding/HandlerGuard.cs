using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Postern.Policies.Expressions;

/// <summary>No handler runs once the budget is over: see <see cref="ExpressionBudget.IsOver"/>.</summary>
internal static class HandlerGuard
{
    private static readonly ExpressionSyntax Alive = ParseExpression($"!{GuardCalls.Budget}.{nameof(ExpressionBudget.IsOver)}");

    public static CatchClauseSyntax Catch(CatchClauseSyntax visited) =>
        visited.WithFilter(CatchFilterClause(visited.Filter is { } filter
            ? BinaryExpression(SyntaxKind.LogicalAndExpression, Alive, ParenthesizedExpression(filter.FilterExpression.WithoutTrivia()))
            : Alive));

    /// <summary>One that only assigns stays as it is, so that what it assigns counts as assigned.</summary>
    public static FinallyClauseSyntax Finally(FinallyClauseSyntax visited, FinallyClauseSyntax original) =>
        original.Block.DescendantNodes().Any(inner => inner is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax or WhileStatementSyntax
            or ForStatementSyntax or DoStatementSyntax or CommonForEachStatementSyntax)
            ? visited.WithBlock(Block(IfStatement(Alive, visited.Block)))
            : visited;
}
