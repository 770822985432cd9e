using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Postern.Policies.Expressions;

/// <summary>Whatever is made by a length, a count or a capacity asks first whether that is sane.</summary>
internal static class SizeGuard
{
    private const string Size = $"{GuardCalls.Budget}.{nameof(ExpressionBudget.Size)}";

    /// <summary>Types whose constructors take a length or capacity.</summary>
    public static bool IsSized(INamedTypeSymbol type) => type.Name is "String" or "StringBuilder" or "List" or "Dictionary" or "HashSet" or "Queue" or "Stack";

    /// <summary>Methods that take a length or count.</summary>
    public static bool Concerns(IMethodSymbol method) => (method.ContainingType?.Name, method.Name) switch
    {
        ("String", "PadLeft" or "PadRight" or "Replace") => true,
        ("Enumerable", "Range" or "Repeat") => true,
        ("StringBuilder", "Append" or "Insert") => true,
        ("List" or "Dictionary" or "HashSet" or "Queue" or "Stack", "EnsureCapacity") => true,
        ("Array", "Resize") => true,
        ("RandomNumberGenerator", "GetBytes" or "GetHexString") => true,
        _ => false,
    };

    /// <summary>Methods that compare many places of a text with what is given, unless that is written out.</summary>
    public static bool Seeks(InvocationExpressionSyntax call, IMethodSymbol method) => method.ContainingType?.SpecialType == SpecialType.System_String
        && method.Name is "IndexOf" or "LastIndexOf" or "IndexOfAny" or "LastIndexOfAny" or "Contains" or "Split" or "Trim" or "TrimStart" or "TrimEnd"
        && call.ArgumentList.Arguments.Any(argument => argument.Expression is not LiteralExpressionSyntax);

    public static ArgumentListSyntax Sought(ArgumentListSyntax visited, ArgumentListSyntax original, SemanticModel model) =>
        GuardCalls.Wrap(visited, original, $"{GuardCalls.Budget}.{nameof(ExpressionBudget.Sought)}", argument =>
            argument is not LiteralExpressionSyntax && model.GetTypeInfo(argument).Type is { SpecialType: SpecialType.System_String } or IArrayTypeSymbol);

    public static bool SetsLength(AssignmentExpressionSyntax assignment) =>
        assignment.Left is MemberAccessExpressionSyntax { Name.Identifier.Text: "Length" or "Capacity" }
            or IdentifierNameSyntax { Identifier.Text: "Length" or "Capacity" };

    public static ExpressionSyntax Length(ExpressionSyntax size) => GuardCalls.Call(Size, size);

    public static ArrayRankSpecifierSyntax Array(ArrayRankSpecifierSyntax visited) =>
        visited.WithSizes(SeparatedList(visited.Sizes.Select(size => size is OmittedArraySizeExpressionSyntax ? size
            : visited.Rank == 1 ? Length(size)
            : GuardCalls.Call($"{GuardCalls.Budget}.{nameof(ExpressionBudget.Side)}", size, LiteralExpression(SyntaxKind.NumericLiteralExpression, Literal(visited.Rank))))));

    public static InvocationExpressionSyntax Call(InvocationExpressionSyntax visited, IMethodSymbol method)
    {
        if (method is { Name: "Replace", ContainingType.Name: "String" })
        {
            return method.Parameters is [{ Type.SpecialType: SpecialType.System_String }, { Type.SpecialType: SpecialType.System_String }]
                ? GuardCalls.Instead(visited, nameof(ExpressionBudget.ReplaceText))
                : visited;
        }

        return visited.WithArgumentList(Arguments(visited.ArgumentList, method));
    }

    public static ArgumentListSyntax Arguments(ArgumentListSyntax list, IMethodSymbol method)
    {
        var arguments = list.Arguments;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var name = argument.NameColon?.Name.Identifier.Text;
            var parameter = name is null ? (i < method.Parameters.Length ? method.Parameters[i] : null) : method.Parameters.FirstOrDefault(item => item.Name == name);
            if (parameter is { Type.SpecialType: SpecialType.System_Int32, RefKind: RefKind.None } && parameter.Name is not ("start" or "index" or "startIndex" or "value"))
            {
                arguments = arguments.Replace(argument, argument.WithExpression(Length(argument.Expression)));
            }
        }

        return list.WithArguments(arguments);
    }
}
