using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postern.Policies.Expressions;

/// <summary>
/// What is put together from parts over and over grows by powers without any loop: <c>b = a + a; c = b + b; …</c>. A few parts do not; in an
/// expression with many each is counted by <see cref="ExpressionBudget.Part"/>.
/// </summary>
internal static class GrowthGuard
{
    /// <summary>Twelve parts are no more than twelve times what was there before.</summary>
    public const int MostParts = 12;

    private const string Part = $"{GuardCalls.Budget}.{nameof(ExpressionBudget.Part)}";

    /// <summary>A part of a text, of a collection, or of a chain of delegates.</summary>
    public static bool IsPart(SyntaxNode node) => node is ExpressionSyntax and not LiteralExpressionSyntax && node.Parent switch
    {
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } => node is not BinaryExpressionSyntax,
        AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.AddAssignmentExpression } sum => sum.Right == node,
        InterpolationSyntax => true,
        SpreadElementSyntax => true,
        ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called } } =>
            called.Name.Identifier.Text is "Concat" or "Join" or "Format" or "Insert" or "Append" or "AppendLine" or "AppendJoin" or "AppendFormat" or "AddRange",
        _ => false,
    };

    public static ExpressionSyntax Counted(ExpressionSyntax visited, ExpressionSyntax original, SemanticModel model) =>
        model.GetTypeInfo(original).Type is { IsReferenceType: true } && !model.GetConstantValue(original).HasValue && !IsConstant(original, model)
            ? GuardCalls.Call(Part, visited)
            : visited;

    /// <summary>In <c>const string b = a + a;</c> nothing may be called.</summary>
    private static bool IsConstant(ExpressionSyntax part, SemanticModel model) =>
        part.Parent is BinaryExpressionSyntax sum && model.GetConstantValue(sum).HasValue;
}
