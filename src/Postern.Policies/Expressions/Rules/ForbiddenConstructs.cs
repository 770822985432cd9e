using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postern.Policies.Expressions;

/// <summary>Parts of the language that no expression may use, whatever they are used on.</summary>
internal static class ForbiddenConstructs
{
    private const int MaxWidth = 999;

    /// <returns>What it is, as a message begins; null when it is allowed.</returns>
    public static string? Name(SyntaxNode node, SemanticModel model) => node.Kind() switch
    {
        SyntaxKind.UnsafeStatement or SyntaxKind.FixedStatement or SyntaxKind.PointerType or SyntaxKind.FunctionPointerType
            or SyntaxKind.AddressOfExpression or SyntaxKind.PointerIndirectionExpression or SyntaxKind.PointerMemberAccessExpression => "Unsafe code",
        SyntaxKind.StackAllocArrayCreationExpression or SyntaxKind.ImplicitStackAllocArrayCreationExpression => "stackalloc",
        SyntaxKind.GotoStatement or SyntaxKind.GotoCaseStatement or SyntaxKind.GotoDefaultStatement or SyntaxKind.LabeledStatement => "goto",
        SyntaxKind.InterpolationAlignmentClause when model.GetConstantValue(((InterpolationAlignmentClauseSyntax)node).Value) is not { HasValue: true, Value: int and >= -MaxWidth and <= MaxWidth } =>
            "A width of more than 999",
        SyntaxKind.InterpolationFormatClause when FormatGuard.IsHuge(((InterpolationFormatClauseSyntax)node).FormatStringToken.Text) => "A format of more than 999 digits",
        SyntaxKind.LockStatement => "lock",
        SyntaxKind.AwaitExpression => "await",
        SyntaxKind.TypeOfExpression => "typeof",
        SyntaxKind.SizeOfExpression => "sizeof",
        SyntaxKind.MakeRefExpression or SyntaxKind.RefTypeExpression or SyntaxKind.RefValueExpression or SyntaxKind.ArgListExpression =>
            "A typed reference",
        SyntaxKind.AttributeList => "An attribute",
        SyntaxKind.GlobalStatement or SyntaxKind.ClassDeclaration or SyntaxKind.StructDeclaration => "A declaration",
        SyntaxKind.LocalFunctionStatement when ((LocalFunctionStatementSyntax)node).Modifiers.Any(modifier =>
            modifier.Kind() is SyntaxKind.ExternKeyword or SyntaxKind.UnsafeKeyword or SyntaxKind.AsyncKeyword) => "extern, unsafe or async",
        SyntaxKind.ParenthesizedLambdaExpression or SyntaxKind.SimpleLambdaExpression or SyntaxKind.AnonymousMethodExpression
            when ((AnonymousFunctionExpressionSyntax)node).AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword) => "async",
        _ => null,
    };
}
