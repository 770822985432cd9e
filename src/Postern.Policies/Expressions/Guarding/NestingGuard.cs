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

    public static bool IsPrinted(ITypeSymbol type)
    {
        for (var one = type; one is not null; one = one.BaseType!)
        {
            if (one.Name is "Exception" or "Tuple" or "ValueTuple" or "KeyValuePair")
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
        var type = model.GetTypeInfo(expression).Type;
        return type is { SpecialType: SpecialType.System_Object } or { TypeKind: TypeKind.Interface or TypeKind.TypeParameter }
            || type is { IsReferenceType: true, IsSealed: false, Name: "Exception" or "ValueType" or "Delegate" } || type?.BaseType?.Name == "Exception";
    }
}
