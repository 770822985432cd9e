using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postern.Policies.Expressions;

/// <summary>Assignments that would get past what the guard does about simple ones.</summary>
internal static class ForbiddenTargets
{
    /// <returns>What it is, as a message begins; null when it is allowed.</returns>
    public static string? Name(AssignmentExpressionSyntax assignment, SemanticModel model) =>
        assignment.Left is TupleExpressionSyntax tuple && tuple.Arguments.Any(argument => IsGuarded(argument.Expression, model))
            ? "Deconstruction into JSON, XML, Length or Capacity"
            : SizeGuard.SetsLength(assignment) && assignment.Kind() is not (SyntaxKind.SimpleAssignmentExpression or SyntaxKind.SubtractAssignmentExpression)
                ? "Changing Length or Capacity by anything but = and -="
                : null;

    private static bool IsGuarded(ExpressionSyntax target, SemanticModel model) => target switch
    {
        TupleExpressionSyntax tuple => tuple.Arguments.Any(argument => IsGuarded(argument.Expression, model)),
        ParenthesizedExpressionSyntax brackets => IsGuarded(brackets.Expression, model),
        ElementAccessExpressionSyntax element => TreeGuard.IsTree(model.GetTypeInfo(element.Expression).Type),
        MemberAccessExpressionSyntax member => member.Name.Identifier.Text is "Length" or "Capacity" || TreeGuard.IsTree(model.GetTypeInfo(member.Expression).Type),
        _ => false,
    };
}
