using System.Security.Cryptography.X509Certificates;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Postern.Policies.Expressions;

/// <summary>
/// Rewrites expressions so that <see cref="ExpressionBudget"/> is asked in every loop and function and before anything is
/// made by size. The rules have passed by then, so calls to the budget are ours.
/// </summary>
internal sealed class ExpressionGuard(SemanticModel model) : CSharpSyntaxRewriter
{
    private const string Budget = "global::Postern.Policies.Expressions.ExpressionBudget";

    private static readonly StatementSyntax Tick = ParseStatement($"{Budget}.Tick();");
    private static readonly StatementSyntax Enter = ParseStatement($"{Budget}.Enter();");

    /// <summary>Types whose constructors take a length or capacity.</summary>
    public static bool IsSized(INamedTypeSymbol type) => type.Name is "String" or "StringBuilder" or "List" or "Dictionary" or "HashSet" or "Queue" or "Stack" or "Regex";

    /// <summary>Methods that take a length or count, or that match patterns.</summary>
    public static bool IsSizedCall(IMethodSymbol method) => (method.ContainingType?.Name, method.Name) switch
    {
        ("String", "PadLeft" or "PadRight") => true,
        ("String", "Replace") => true,
        ("Enumerable", "Range" or "Repeat") => true,
        ("StringBuilder", "Append" or "Insert") => true,
        ("List" or "Dictionary" or "HashSet" or "Queue" or "Stack", "EnsureCapacity") => true,
        ("Array", "Resize") => true,
        ("Regex", "IsMatch" or "Match" or "Matches" or "Replace" or "Split") => method.IsStatic,
        ("RandomNumberGenerator", "GetBytes" or "GetHexString") => true,
        ("XElement" or "XDocument", "Parse") => true,
        ("JToken", "SelectToken" or "SelectTokens") => true,
        _ => false,
    };

    public static bool SetsLength(AssignmentExpressionSyntax assignment) =>
        assignment.Left is MemberAccessExpressionSyntax { Name.Identifier.Text: "Length" };

    /// <summary>The platform's judgement of certificates, which is replaced by the gateway's.</summary>
    public static bool IsCertificateVerification(SimpleNameSyntax name, SemanticModel model) =>
        name.Identifier.Text == nameof(X509Certificate2.Verify)
        && model.GetSymbolInfo(name).Symbol is IMethodSymbol { ContainingType.Name: nameof(X509Certificate2) };

    /// <summary>A name only, so that <c>certificate?.Verify()</c> and <c>certificates.All(one => one.Verify())</c> are the same to it.</summary>
    public override SyntaxNode? VisitIdentifierName(IdentifierNameSyntax node) => IsCertificateVerification(node, model)
        ? node.WithIdentifier(Identifier(nameof(ExpressionExtensions.VerifyRevocation)).WithTriviaFrom(node.Identifier))
        : base.VisitIdentifierName(node);

    public override SyntaxNode? VisitWhileStatement(WhileStatementSyntax node) =>
        ((WhileStatementSyntax)base.VisitWhileStatement(node)!) is var visited ? visited.WithStatement(WithTick(visited.Statement)) : null;

    public override SyntaxNode? VisitDoStatement(DoStatementSyntax node) =>
        ((DoStatementSyntax)base.VisitDoStatement(node)!) is var visited ? visited.WithStatement(WithTick(visited.Statement)) : null;

    public override SyntaxNode? VisitForStatement(ForStatementSyntax node) =>
        ((ForStatementSyntax)base.VisitForStatement(node)!) is var visited ? visited.WithStatement(WithTick(visited.Statement)) : null;

    public override SyntaxNode? VisitForEachStatement(ForEachStatementSyntax node) =>
        ((ForEachStatementSyntax)base.VisitForEachStatement(node)!) is var visited ? visited.WithStatement(WithTick(visited.Statement)) : null;

    public override SyntaxNode? VisitForEachVariableStatement(ForEachVariableStatementSyntax node) =>
        ((ForEachVariableStatementSyntax)base.VisitForEachVariableStatement(node)!) is var visited
            ? visited.WithStatement(WithTick(visited.Statement))
            : null;

    public override SyntaxNode? VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node) =>
        WithEnter((SimpleLambdaExpressionSyntax)base.VisitSimpleLambdaExpression(node)!, node);

    public override SyntaxNode? VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node) =>
        WithEnter((ParenthesizedLambdaExpressionSyntax)base.VisitParenthesizedLambdaExpression(node)!, node);

    public override SyntaxNode? VisitAnonymousMethodExpression(AnonymousMethodExpressionSyntax node)
    {
        var visited = (AnonymousMethodExpressionSyntax)base.VisitAnonymousMethodExpression(node)!;
        return visited.WithBlock(visited.Block.WithStatements(visited.Block.Statements.Insert(0, Enter)));
    }

    public override SyntaxNode? VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
    {
        var visited = (LocalFunctionStatementSyntax)base.VisitLocalFunctionStatement(node)!;
        if (visited.Body is { } body)
        {
            return visited.WithBody(body.WithStatements(body.Statements.Insert(0, Enter)));
        }

        var returnsVoid = model.GetDeclaredSymbol(node) is IMethodSymbol { ReturnsVoid: true };
        return visited.WithExpressionBody(null).WithSemicolonToken(default)
            .WithBody(BlockOf(visited.ExpressionBody!.Expression, returnsVoid));
    }

    public override SyntaxNode? VisitFromClause(FromClauseSyntax node) =>
        ((FromClauseSyntax)base.VisitFromClause(node)!) is var visited ? visited.WithExpression(Passed(visited.Expression)) : null;

    public override SyntaxNode? VisitWhereClause(WhereClauseSyntax node) =>
        ((WhereClauseSyntax)base.VisitWhereClause(node)!) is var visited ? visited.WithCondition(Passed(visited.Condition)) : null;

    public override SyntaxNode? VisitLetClause(LetClauseSyntax node) =>
        ((LetClauseSyntax)base.VisitLetClause(node)!) is var visited ? visited.WithExpression(Passed(visited.Expression)) : null;

    public override SyntaxNode? VisitSelectClause(SelectClauseSyntax node) =>
        ((SelectClauseSyntax)base.VisitSelectClause(node)!) is var visited ? visited.WithExpression(Passed(visited.Expression)) : null;

    public override SyntaxNode? VisitArrayRankSpecifier(ArrayRankSpecifierSyntax node)
    {
        var visited = (ArrayRankSpecifierSyntax)base.VisitArrayRankSpecifier(node)!;
        return visited.WithSizes(SeparatedList(visited.Sizes.Select(size => size is OmittedArraySizeExpressionSyntax ? size : Sized(size))));
    }

    public override SyntaxNode? VisitObjectCreationExpression(ObjectCreationExpressionSyntax node)
    {
        var visited = (ObjectCreationExpressionSyntax)base.VisitObjectCreationExpression(node)!;
        return model.GetSymbolInfo(node).Symbol is IMethodSymbol { ContainingType: { } type } constructor && IsSized(type) && visited.ArgumentList is { } list
            ? visited.WithArgumentList(type.Name == "Regex" ? TimedRegex(list, constructor, 1) : SizedArguments(list, constructor))
            : visited;
    }

    public override SyntaxNode? VisitImplicitObjectCreationExpression(ImplicitObjectCreationExpressionSyntax node)
    {
        var visited = (ImplicitObjectCreationExpressionSyntax)base.VisitImplicitObjectCreationExpression(node)!;
        return model.GetSymbolInfo(node).Symbol is IMethodSymbol { ContainingType: { } type } constructor && IsSized(type)
            ? visited.WithArgumentList(type.Name == "Regex" ? TimedRegex(visited.ArgumentList, constructor, 1) : SizedArguments(visited.ArgumentList, constructor))
            : visited;
    }

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        var visited = (InvocationExpressionSyntax)base.VisitInvocationExpression(node)!;
        if (model.GetSymbolInfo(node).Symbol is not IMethodSymbol method || !IsSizedCall(method))
        {
            return visited;
        }

        if (method.ContainingType.Name is "XElement" or "XDocument")
        {
            var text = visited.ArgumentList.Arguments[0];
            return visited.WithArgumentList(visited.ArgumentList.ReplaceNode(text, text.WithExpression(Call("Xml", text.Expression))));
        }

        if (method.ContainingType.Name == "JToken")
        {
            return visited.Expression is MemberAccessExpressionSyntax { Expression: var token }
                ? visited.WithExpression(ParseExpression($"{Budget}.{method.Name}"))
                    .WithArgumentList(ArgumentList(visited.ArgumentList.Arguments.Insert(0, Argument(token.WithoutTrivia()))))
                : visited;
        }

        if (method.ContainingType.Name == "Regex")
        {
            return visited.WithArgumentList(TimedRegex(visited.ArgumentList, method, method.Name == "Replace" ? 3 : 2));
        }

        if (method is { Name: "Replace", ContainingType.Name: "String" })
        {
            return method.Parameters is [{ Type.SpecialType: SpecialType.System_String }, { Type.SpecialType: SpecialType.System_String }]
                && visited.Expression is MemberAccessExpressionSyntax { Expression: var text }
                ? visited.WithExpression(ParseExpression($"{Budget}.Replace"))
                    .WithArgumentList(ArgumentList(visited.ArgumentList.Arguments.Insert(0, Argument(text.WithoutTrivia()))))
                : visited;
        }

        return visited.WithArgumentList(SizedArguments(visited.ArgumentList, method));
    }

    public override SyntaxNode? VisitAssignmentExpression(AssignmentExpressionSyntax node)
    {
        var visited = (AssignmentExpressionSyntax)base.VisitAssignmentExpression(node)!;
        return SetsLength(node) && model.GetTypeInfo(node.Right).Type?.SpecialType == SpecialType.System_Int32
            ? visited.WithRight(Sized(visited.Right))
            : visited;
    }

    /// <summary>Adds what is missing so that the overload with a timeout is called.</summary>
    private static ArgumentListSyntax TimedRegex(ArgumentListSyntax list, IMethodSymbol method, int withoutOptions)
    {
        if (method.Parameters.FirstOrDefault(parameter => parameter.Type.Name == "TimeSpan") is { } timeout)
        {
            var given = list.Arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.Text == timeout.Name)
                ?? list.Arguments[timeout.Ordinal];
            return list.ReplaceNode(given.Expression, ParseExpression($"{Budget}.RegexTimeout"));
        }

        if (list.Arguments.Count == withoutOptions)
        {
            list = list.AddArguments(Argument(ParseExpression($"{Budget}.NoRegexOptions")));
        }

        return list.AddArguments(Argument(ParseExpression($"{Budget}.RegexTimeout")));
    }

    private static ArgumentListSyntax SizedArguments(ArgumentListSyntax list, IMethodSymbol method)
    {
        var arguments = list.Arguments;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var name = argument.NameColon?.Name.Identifier.Text;
            var parameter = name is null ? (i < method.Parameters.Length ? method.Parameters[i] : null) : method.Parameters.FirstOrDefault(item => item.Name == name);
            if (parameter is { Type.SpecialType: SpecialType.System_Int32, RefKind: RefKind.None } && parameter.Name is not ("start" or "index" or "startIndex" or "value"))
            {
                arguments = arguments.Replace(argument, argument.WithExpression(Sized(argument.Expression)));
            }
        }

        return list.WithArguments(arguments);
    }

    private static ExpressionSyntax Sized(ExpressionSyntax size) => Call("Size", size);

    private static ExpressionSyntax Passed(ExpressionSyntax value) => Call("Pass", value);

    private static ExpressionSyntax Call(string method, ExpressionSyntax argument) =>
        InvocationExpression(ParseExpression($"{Budget}.{method}"), ArgumentList(SingletonSeparatedList(Argument(argument.WithoutTrivia()))))
            .WithTriviaFrom(argument);

    private static BlockSyntax WithTick(StatementSyntax body) => Block(Tick, body);

    private LambdaExpressionSyntax WithEnter(LambdaExpressionSyntax visited, LambdaExpressionSyntax original)
    {
        if (visited.Block is { } block)
        {
            return visited.WithBlock(block.WithStatements(block.Statements.Insert(0, Enter)));
        }

        var returnsVoid = model.GetSymbolInfo(original).Symbol is IMethodSymbol { ReturnsVoid: true };
        return visited.WithExpressionBody(null).WithBlock(BlockOf(visited.ExpressionBody!, returnsVoid));
    }

    private static BlockSyntax BlockOf(ExpressionSyntax expression, bool returnsVoid)
    {
        var bare = expression.WithoutTrivia();
        StatementSyntax statement = bare is ThrowExpressionSyntax thrown ? ThrowStatement(thrown.Expression)
            : returnsVoid ? ExpressionStatement(bare)
            : ReturnStatement(bare);
        return Block(Enter, statement);
    }
}
