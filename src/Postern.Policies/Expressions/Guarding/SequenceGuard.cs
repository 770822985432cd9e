using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Postern.Policies.Expressions;

/// <summary>Sequences that are given to the library are read through <see cref="ExpressionSequences"/>.</summary>
internal static class SequenceGuard
{
    private const string Watch = $"{GuardCalls.Sequences}.{nameof(ExpressionSequences.Watch)}";
    private const string Unboxed = $"{GuardCalls.Sequences}.{nameof(ExpressionSequences.Unboxed)}";
    private const string Order = $"{GuardCalls.Sequences}.{nameof(ExpressionSequences.Order)}";

    /// <summary>Worked out while it is read.</summary>
    public static bool IsLazy(ITypeSymbol? type) =>
        type is { TypeKind: TypeKind.Interface, Name: "IEnumerable" or "IOrderedEnumerable" or "IJEnumerable" or "IGrouping" }
        || (type is ITypeParameterSymbol parameter && parameter.ConstraintTypes.Any(IsLazy));

    /// <summary>Makes objects of the elements, which may be pairs that print themselves by recursion.</summary>
    private static bool Boxes(IMethodSymbol method) => method.Name is "Cast" or "OfType";

    /// <summary>A method of LINQ.</summary>
    public static bool Reads(IMethodSymbol method) => method.ContainingType is { Name: "Enumerable" or "Extensions", IsStatic: true };

    /// <summary><c>string.Join</c> and <c>string.Concat</c> of a collection, not just of what is written out.</summary>
    public static bool JoinsMany(IMethodSymbol method) => method is { ContainingType.Name: "String", Name: "Join" or "Concat" }
        && method.Parameters is [.., { Type: not { SpecialType: SpecialType.System_String or SpecialType.System_Object } } last]
        && !(last.Type is INamedTypeSymbol { Name: "ReadOnlySpan" });

    public static ExpressionSyntax Watched(ExpressionSyntax sequence) => GuardCalls.Call(Watch, sequence);

    /// <summary>What a loop reads as objects.</summary>
    public static ExpressionSyntax Elements(ExpressionSyntax visited, ExpressionSyntax original, SemanticModel model) =>
        model.GetTypeInfo(original).Type is { SpecialType: SpecialType.System_Collections_IEnumerable } ? GuardCalls.Call(Unboxed, visited) : visited;

    /// <summary>Leaves other calls than those of LINQ as they are.</summary>
    public static InvocationExpressionSyntax Read(InvocationExpressionSyntax visited, InvocationExpressionSyntax original, IMethodSymbol method, SemanticModel model)
    {
        if (!Reads(method))
        {
            return visited;
        }

        var isThen = method.Name is "ThenBy" or "ThenByDescending";
        if (method.ReducedFrom is not null && (isThen || Boxes(method) || IsLazy(Receiver(original.Expression, model))))
        {
            visited = GuardCalls.WithReceiverIn(
                visited,
                isThen ? nameof(ExpressionSequences.Order) : Boxes(method) ? nameof(ExpressionSequences.Unboxed) : nameof(ExpressionSequences.Watch));
        }

        var whole = method.ReducedFrom is null;
        return visited.WithArgumentList(GuardCalls.Wrap(
            visited.ArgumentList, original.ArgumentList, whole && isThen ? Order : whole && Boxes(method) ? Unboxed : Watch,
            argument => (whole && Boxes(method)) || IsLazy(model.GetTypeInfo(argument).Type)));
    }

    private static ITypeSymbol? Receiver(ExpressionSyntax called, SemanticModel model) => called switch
    {
        MemberAccessExpressionSyntax access => model.GetTypeInfo(access.Expression).Type,
        MemberBindingExpressionSyntax => model.GetTypeInfo(called.FirstAncestorOrSelf<ConditionalAccessExpressionSyntax>()!.Expression).Type,
        _ => null,
    };

    /// <summary>Parts that are written out one by one are as few as the text is long.</summary>
    public static InvocationExpressionSyntax Join(InvocationExpressionSyntax visited, InvocationExpressionSyntax original, IMethodSymbol method, SemanticModel model) =>
        visited.ArgumentList.Arguments.Count == method.Parameters.Length
        && model.GetTypeInfo(original.ArgumentList.Arguments[^1].Expression).ConvertedType is not { SpecialType: SpecialType.System_String or SpecialType.System_Object }
            ? visited.WithExpression(ParseExpression($"{GuardCalls.Sequences}.{method.Name}"))
            : visited;
}
