using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Postern.Policies.Language;

namespace Postern.Policies.Expressions;

/// <summary>Which bodies an expression may read: those must be in memory before it runs.</summary>
internal static class BodyReads
{
    /// <param name="name">Where <paramref name="symbol"/> is named.</param>
    public static BodyUse Of(SyntaxNode name, ISymbol symbol)
    {
        if (symbol is not IPropertySymbol { Name: "Request" or "Response", ContainingType: { Name: nameof(IContext) } type } || !type.IsOfPolicies())
        {
            return BodyUse.None;
        }

        var access = name.Parent is MemberAccessExpressionSyntax { Name: var member } memberAccess && member == name ? memberAccess : name;
        while (access.Parent is ParenthesizedExpressionSyntax parenthesized)
        {
            access = parenthesized;
        }

        return StaysOutsideBody(access) ? BodyUse.None : symbol.Name == "Request" ? BodyUse.Request : BodyUse.Response;
    }

    /// <summary>
    /// True when what happens to <c>context.Request</c> can't reach its content: another member, or a test for null. Anything else,
    /// such as keeping it in a variable, counts as reading the body.
    /// </summary>
    private static bool StaysOutsideBody(SyntaxNode access) => access.Parent switch
    {
        MemberAccessExpressionSyntax { Name.Identifier.Text: "Body" } body when body.Expression == access => IsNullTest(body),
        MemberAccessExpressionSyntax member when member.Expression == access => true,
        ConditionalAccessExpressionSyntax conditional when conditional.Expression == access => ReadsNoBody(conditional),
        _ => IsNullTest(access),
    };

    private static bool ReadsNoBody(ConditionalAccessExpressionSyntax access) =>
        access.WhenNotNull.DescendantNodesAndSelf().OfType<MemberBindingExpressionSyntax>().FirstOrDefault() is { Name.Identifier.Text: not "Body" };

    private static bool IsNullTest(SyntaxNode node) => node.Parent switch
    {
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression } test =>
            (test.Left == node ? test.Right : test.Left).IsKind(SyntaxKind.NullLiteralExpression),
        IsPatternExpressionSyntax { Pattern: ConstantPatternSyntax { Expression.RawKind: (int)SyntaxKind.NullLiteralExpression } } => true,
        IsPatternExpressionSyntax { Pattern: UnaryPatternSyntax { Pattern: ConstantPatternSyntax { Expression.RawKind: (int)SyntaxKind.NullLiteralExpression } } } => true,
        _ => false,
    };
}
