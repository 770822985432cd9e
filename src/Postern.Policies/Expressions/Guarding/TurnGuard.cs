using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Postern.Policies.Expressions;

/// <summary>Every turn of a loop and every call of a function asks whether there is time, memory and stack left.</summary>
internal static class TurnGuard
{
    private static readonly StatementSyntax Tick = ParseStatement($"{GuardCalls.Budget}.{nameof(ExpressionBudget.Tick)}();");
    private static readonly StatementSyntax Enter = ParseStatement($"{GuardCalls.Budget}.{nameof(ExpressionBudget.Enter)}();");

    public static StatementSyntax Loop(StatementSyntax body) => Block(Tick, body);

    /// <summary>What a query works out for each element.</summary>
    public static ExpressionSyntax Element(ExpressionSyntax value) => GuardCalls.Call($"{GuardCalls.Budget}.{nameof(ExpressionBudget.Pass)}", value);

    public static BlockSyntax Function(BlockSyntax body) => body.WithStatements(body.Statements.Insert(0, Enter));

    public static BlockSyntax Function(ExpressionSyntax body, bool returnsVoid)
    {
        var bare = body.WithoutTrivia();
        StatementSyntax statement = bare is ThrowExpressionSyntax thrown ? ThrowStatement(thrown.Expression)
            : returnsVoid ? ExpressionStatement(bare)
            : ReturnStatement(bare);
        return Block(Enter, statement);
    }
}
