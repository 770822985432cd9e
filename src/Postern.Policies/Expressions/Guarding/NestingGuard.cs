using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postern.Policies.Expressions;

/// <summary>
/// Counts values that print or compare themselves by recursion and that a loop could put into each other: objects without names, tuples,
/// exceptions.
/// </summary>
internal static class NestingGuard
{
    private const string Nest = $"{GuardCalls.Budget}.{nameof(ExpressionBudget.Nest)}";

    private const string Box = $"{GuardCalls.Budget}.{nameof(ExpressionBudget.Box)}";

    public static bool IsPrinted(ITypeSymbol type)
    {
        for (var one = type; one is not null; one = one.BaseType!)
        {
            if (one.Name is "Exception" or "Tuple" or "ValueTuple" or "KeyValuePair" or "Collection" or "ReadOnlyCollection")
            {
                return true;
            }
        }

        return false;
    }

    public static ArgumentListSyntax Constructor(ArgumentListSyntax visited, ArgumentListSyntax original, SemanticModel model) =>
        GuardCalls.Wrap(visited, original, Nest, argument => IsOpen(argument, model));

    /// <summary><c>Tuple.Create</c> and its like.</summary>
    public static bool Creates(IMethodSymbol method) => method is { ContainingType.Name: "Tuple" or "KeyValuePair" or "ValueTuple", Name: "Create" };

    /// <summary>Leaves other calls than <c>Tuple.Create</c> and its like as they are.</summary>
    public static InvocationExpressionSyntax Create(InvocationExpressionSyntax visited, InvocationExpressionSyntax original, IMethodSymbol method, SemanticModel model) =>
        Creates(method)
            ? visited.WithArgumentList(Constructor(visited.ArgumentList, original.ArgumentList, model))
            : visited;

    public static TupleExpressionSyntax Tuple(TupleExpressionSyntax visited, TupleExpressionSyntax original, SemanticModel model) =>
        original.Parent is AssignmentExpressionSyntax assignment && assignment.Left == original
            ? visited
            : visited.WithArguments(GuardCalls.Wrap(visited.Arguments, original.Arguments, Nest, argument => IsOpen(argument, model)));

    public static AnonymousObjectMemberDeclaratorSyntax Member(
        AnonymousObjectMemberDeclaratorSyntax visited, AnonymousObjectMemberDeclaratorSyntax original, SemanticModel model)
    {
        if (!IsOpen(original.Expression, model))
        {
            return visited;
        }

        // A name that the compiler takes from the expression must be written out once the expression is wrapped.
        var name = original.NameEquals ?? (model.GetDeclaredSymbol(original) is { Name: { Length: > 0 } given } ? SyntaxFactory.NameEquals(given) : null);
        return visited.WithNameEquals(name).WithExpression(GuardCalls.Call(Nest, visited.Expression));
    }

    /// <summary>May hold anything, so also another of its own kind.</summary>
    private static bool IsOpen(ExpressionSyntax expression, SemanticModel model)
    {
        var given = model.GetTypeInfo(expression);
        return given.Type is not null and not { SpecialType: >= SpecialType.System_Boolean and <= SpecialType.System_String } && (IsOpen(given.Type) || IsOpen(given.ConvertedType));
    }

    private static bool IsOpen(ITypeSymbol? type) =>
        type is { SpecialType: SpecialType.System_Object } or { TypeKind: TypeKind.Interface or TypeKind.TypeParameter }
        || type is { IsReferenceType: true, IsSealed: false, Name: "Exception" or "ValueType" or "Delegate" } || type?.BaseType?.Name == "Exception";

    /// <summary>A pair or tuple that becomes an object.</summary>
    public static ExpressionSyntax Boxed(ExpressionSyntax visited, ExpressionSyntax original, SemanticModel model)
    {
        var given = model.GetTypeInfo(original);
        var wanted = original.Parent is CastExpressionSyntax or BinaryExpressionSyntax ? model.GetTypeInfo(original.Parent).Type : given.ConvertedType;
        return wanted is { IsReferenceType: true } && IsPair(given.Type) ? GuardCalls.Call(Box, visited) : visited;
    }

    /// <summary>Stands where a value goes somewhere that may want an object. What is written out as a tuple is counted part by part.</summary>
    public static bool IsValue(ExpressionSyntax node) =>
        node is IdentifierNameSyntax or InvocationExpressionSyntax or MemberAccessExpressionSyntax or ElementAccessExpressionSyntax or ConditionalExpressionSyntax
            or ConditionalAccessExpressionSyntax or PostfixUnaryExpressionSyntax or SwitchExpressionSyntax
        && node.Parent switch
        {
            ArgumentSyntax argument => argument.RefKindKeyword.IsKind(SyntaxKind.None),
            AssignmentExpressionSyntax assignment => assignment.Right == node,
            CastExpressionSyntax cast => cast.Expression == node,
            ConditionalExpressionSyntax conditional => conditional.Condition != node,
            BinaryExpressionSyntax binary => binary.IsKind(SyntaxKind.AsExpression) ? binary.Left == node : binary.IsKind(SyntaxKind.CoalesceExpression),
            EqualsValueClauseSyntax or ReturnStatementSyntax or YieldStatementSyntax or ArrowExpressionClauseSyntax or LambdaExpressionSyntax or ParenthesizedExpressionSyntax
                or InitializerExpressionSyntax or SwitchExpressionArmSyntax or SelectClauseSyntax or LetClauseSyntax or ExpressionElementSyntax => true,
            _ => false,
        };

    public static bool IsPair(ITypeSymbol? type) =>
        type is { IsTupleType: true } or { TypeKind: TypeKind.TypeParameter } or { IsValueType: true, Name: "KeyValuePair" or "ValueTuple" };

    /// <summary><c>a with { B = c }</c>.</summary>
    public static InitializerExpressionSyntax With(InitializerExpressionSyntax visited, InitializerExpressionSyntax original, SemanticModel model) =>
        visited.WithExpressions(SyntaxFactory.SeparatedList(visited.Expressions.Select((expression, i) =>
            expression is AssignmentExpressionSyntax assignment && IsOpen(((AssignmentExpressionSyntax)original.Expressions[i]).Right, model)
                ? assignment.WithRight(GuardCalls.Call(Nest, assignment.Right))
                : expression)));
}
