using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postern.Policies.Expressions;

/// <summary>
/// Rewrites expressions so that <see cref="ExpressionBudget"/> is asked in every loop and function and before anything is
/// made by size. The rules have passed by then, so calls to the budget are ours. What is written is in one file per danger; here is
/// only which kind of syntax goes where.
/// </summary>
/// <param name="model">Of the tree as it was: it is asked about the original nodes only.</param>
internal sealed class ExpressionGuard(SemanticModel model) : CSharpSyntaxRewriter
{
    /// <summary>Set for a method in which pairs or tuples occur: only there it is asked what becomes an object.</summary>
    public bool HasPairs { get; set; }

    public override SyntaxNode? Visit(SyntaxNode? node)
    {
        var any = base.Visit(node);
        if (any is not ExpressionSyntax visited || node is not ExpressionSyntax original)
        {
            return any;
        }

        visited = HasPairs && NestingGuard.IsValue(original) ? NestingGuard.Boxed(visited, original, model) : visited;
        return GrowthGuard.IsPart(original) ? GrowthGuard.Counted(visited, original, model) : visited;
    }

    // Loops and functions.

    public override SyntaxNode VisitWhileStatement(WhileStatementSyntax node) =>
        (WhileStatementSyntax)base.VisitWhileStatement(node)! is var visited ? visited.WithStatement(TurnGuard.Loop(visited.Statement)) : node;

    public override SyntaxNode VisitDoStatement(DoStatementSyntax node) =>
        (DoStatementSyntax)base.VisitDoStatement(node)! is var visited ? visited.WithStatement(TurnGuard.Loop(visited.Statement)) : node;

    public override SyntaxNode VisitForStatement(ForStatementSyntax node) =>
        (ForStatementSyntax)base.VisitForStatement(node)! is var visited ? visited.WithStatement(TurnGuard.Loop(visited.Statement)) : node;

    public override SyntaxNode VisitForEachStatement(ForEachStatementSyntax node) =>
        (ForEachStatementSyntax)base.VisitForEachStatement(node)! is var visited
            ? visited.WithStatement(TurnGuard.Loop(visited.Statement)).WithExpression(SequenceGuard.Elements(visited.Expression, node.Expression, model))
            : node;

    public override SyntaxNode VisitForEachVariableStatement(ForEachVariableStatementSyntax node) =>
        (ForEachVariableStatementSyntax)base.VisitForEachVariableStatement(node)! is var visited ? visited.WithStatement(TurnGuard.Loop(visited.Statement)) : node;

    public override SyntaxNode VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node) =>
        Lambda((SimpleLambdaExpressionSyntax)base.VisitSimpleLambdaExpression(node)!, node);

    public override SyntaxNode VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node) =>
        Lambda((ParenthesizedLambdaExpressionSyntax)base.VisitParenthesizedLambdaExpression(node)!, node);

    public override SyntaxNode VisitAnonymousMethodExpression(AnonymousMethodExpressionSyntax node)
    {
        var visited = (AnonymousMethodExpressionSyntax)base.VisitAnonymousMethodExpression(node)!;
        return visited.WithBlock(TurnGuard.Function(visited.Block));
    }

    public override SyntaxNode VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
    {
        var visited = (LocalFunctionStatementSyntax)base.VisitLocalFunctionStatement(node)!;
        return visited.Body is { } body
            ? visited.WithBody(TurnGuard.Function(body))
            : visited.WithExpressionBody(null).WithSemicolonToken(default)
                .WithBody(TurnGuard.Function(visited.ExpressionBody!.Expression, model.GetDeclaredSymbol(node) is IMethodSymbol { ReturnsVoid: true }));
    }

    public override SyntaxNode VisitCatchClause(CatchClauseSyntax node) => HandlerGuard.Catch((CatchClauseSyntax)base.VisitCatchClause(node)!);

    public override SyntaxNode VisitFinallyClause(FinallyClauseSyntax node) => HandlerGuard.Finally((FinallyClauseSyntax)base.VisitFinallyClause(node)!, node);

    // Queries.

    public override SyntaxNode VisitFromClause(FromClauseSyntax node)
    {
        var visited = (FromClauseSyntax)base.VisitFromClause(node)!;
        return visited.WithExpression(IsLazy(node.Expression) ? SequenceGuard.Watched(visited.Expression) : TurnGuard.Element(visited.Expression));
    }

    public override SyntaxNode VisitJoinClause(JoinClauseSyntax node)
    {
        var visited = (JoinClauseSyntax)base.VisitJoinClause(node)!;
        return IsLazy(node.InExpression) ? visited.WithInExpression(SequenceGuard.Watched(visited.InExpression)) : visited;
    }

    public override SyntaxNode VisitWhereClause(WhereClauseSyntax node) =>
        (WhereClauseSyntax)base.VisitWhereClause(node)! is var visited ? visited.WithCondition(TurnGuard.Element(visited.Condition)) : node;

    public override SyntaxNode VisitLetClause(LetClauseSyntax node) =>
        (LetClauseSyntax)base.VisitLetClause(node)! is var visited ? visited.WithExpression(TurnGuard.Element(visited.Expression)) : node;

    public override SyntaxNode VisitSelectClause(SelectClauseSyntax node) =>
        (SelectClauseSyntax)base.VisitSelectClause(node)! is var visited ? visited.WithExpression(TurnGuard.Element(visited.Expression)) : node;

    // Things that are made.

    public override SyntaxNode VisitArrayRankSpecifier(ArrayRankSpecifierSyntax node) =>
        SizeGuard.Array((ArrayRankSpecifierSyntax)base.VisitArrayRankSpecifier(node)!);

    public override SyntaxNode VisitObjectCreationExpression(ObjectCreationExpressionSyntax node)
    {
        var visited = (ObjectCreationExpressionSyntax)base.VisitObjectCreationExpression(node)!;
        return visited.ArgumentList is { } list && model.GetSymbolInfo(node).Symbol is IMethodSymbol constructor
            ? visited.WithArgumentList(Constructed(list, node.ArgumentList!, constructor))
            : visited;
    }

    public override SyntaxNode VisitImplicitObjectCreationExpression(ImplicitObjectCreationExpressionSyntax node)
    {
        var visited = (ImplicitObjectCreationExpressionSyntax)base.VisitImplicitObjectCreationExpression(node)!;
        return model.GetSymbolInfo(node).Symbol is IMethodSymbol constructor
            ? visited.WithArgumentList(Constructed(visited.ArgumentList, node.ArgumentList, constructor))
            : visited;
    }

    public override SyntaxNode VisitAnonymousObjectMemberDeclarator(AnonymousObjectMemberDeclaratorSyntax node) =>
        NestingGuard.Member((AnonymousObjectMemberDeclaratorSyntax)base.VisitAnonymousObjectMemberDeclarator(node)!, node, model);

    public override SyntaxNode VisitTupleExpression(TupleExpressionSyntax node) =>
        NestingGuard.Tuple((TupleExpressionSyntax)base.VisitTupleExpression(node)!, node, model);

    public override SyntaxNode VisitInitializerExpression(InitializerExpressionSyntax node) =>
        (InitializerExpressionSyntax)base.VisitInitializerExpression(node)! is var visited && node.IsKind(SyntaxKind.WithInitializerExpression)
            ? NestingGuard.With(visited, node, model)
            : TreeGuard.Initializer(visited, node, model);

    public override SyntaxNode VisitAssignmentExpression(AssignmentExpressionSyntax node)
    {
        var visited = (AssignmentExpressionSyntax)base.VisitAssignmentExpression(node)!;
        return TreeGuard.Assignment(visited, node, model)
            ?? (SizeGuard.SetsLength(node) && model.GetTypeInfo(node.Right).Type?.SpecialType == SpecialType.System_Int32
                ? visited.WithRight(SizeGuard.Length(visited.Right))
                : visited);
    }

    // Calls.

    /// <summary>A name only, so that <c>certificate?.Verify()</c> and <c>certificates.All(one => one.Verify())</c> are the same to it.</summary>
    public override SyntaxNode? VisitIdentifierName(IdentifierNameSyntax node) =>
        CertificateGuard.MayConcern(node) && CertificateGuard.Concerns(node, model.GetSymbolInfo(node).Symbol)
            ? CertificateGuard.Verification(node)
            : base.VisitIdentifierName(node);

    public override SyntaxNode VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        var visited = (InvocationExpressionSyntax)base.VisitInvocationExpression(node)!;
        if (model.GetSymbolInfo(node).Symbol is not IMethodSymbol method)
        {
            return visited;
        }

        visited = SequenceGuard.Read(visited, node, method, model);
        visited = NestingGuard.Create(visited, node, method, model);
        visited = TreeGuard.Put(visited, node, method, model);
        visited = SizeGuard.Seeks(node, method) ? visited.WithArgumentList(SizeGuard.Sought(visited.ArgumentList, node.ArgumentList, model)) : visited;
        visited = RegexGuard.Replaces(method) ? visited.WithArgumentList(RegexGuard.Counted(visited.ArgumentList, method)) : visited;
        return TreeGuard.Concerns(method) ? TreeGuard.Call(visited, method)
            : SequenceGuard.JoinsMany(method) ? SequenceGuard.Join(visited, node, method, model)
            : FormatGuard.TakesFormat(method) && FormatGuard.Call(visited, method) is { } formatted ? formatted
            : RegexGuard.Concerns(method) ? visited.WithArgumentList(RegexGuard.Call(visited.ArgumentList, method))
            : SizeGuard.Concerns(method) || FormatGuard.TakesFormat(method) ? SizeGuard.Call(visited, method)
            : visited;
    }

    private ArgumentListSyntax Constructed(ArgumentListSyntax list, ArgumentListSyntax original, IMethodSymbol constructor)
    {
        var type = constructor.ContainingType;
        return TreeGuard.IsTree(type) ? TreeGuard.Contents(list, original, model)
            : RegexGuard.IsMade(type) ? RegexGuard.Constructor(list, constructor)
            : SizeGuard.IsSized(type) ? SizeGuard.Arguments(list, constructor)
            : NestingGuard.IsPrinted(type) ? NestingGuard.Constructor(list, original, model)
            : list;
    }

    private LambdaExpressionSyntax Lambda(LambdaExpressionSyntax visited, LambdaExpressionSyntax original) => visited.Block is { } block
        ? visited.WithBlock(TurnGuard.Function(block))
        : visited.WithExpressionBody(null).WithBlock(
            TurnGuard.Function(visited.ExpressionBody!, model.GetSymbolInfo(original).Symbol is IMethodSymbol { ReturnsVoid: true }));

    private bool IsLazy(ExpressionSyntax expression) => SequenceGuard.IsLazy(model.GetTypeInfo(expression).Type);
}
