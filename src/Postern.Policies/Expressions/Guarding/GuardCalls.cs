using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Postern.Policies.Expressions;

/// <summary>How calls of ours are written into an expression.</summary>
internal static class GuardCalls
{
    public const string Budget = $"global::Postern.Policies.Expressions.{nameof(ExpressionBudget)}";
    public const string Sequences = $"global::Postern.Policies.Expressions.{nameof(ExpressionSequences)}";
    public const string Trees = $"global::Postern.Policies.Expressions.{nameof(ExpressionTrees)}";

    public static ExpressionSyntax Call(string method, ExpressionSyntax argument, params ExpressionSyntax[] more) =>
        InvocationExpression(ParseExpression(method), ArgumentList(SeparatedList([Argument(argument.WithoutTrivia()), .. more.Select(Argument)])))
            .WithTriviaFrom(argument);

    /// <summary>Puts a call around each argument that <paramref name="concerns"/> holds for, which is asked about the argument as it was.</summary>
    public static ArgumentListSyntax Wrap(ArgumentListSyntax visited, ArgumentListSyntax original, string method, Func<ExpressionSyntax, bool> concerns) =>
        visited.WithArguments(Wrap(visited.Arguments, original.Arguments, method, concerns));

    public static SeparatedSyntaxList<ArgumentSyntax> Wrap(
        SeparatedSyntaxList<ArgumentSyntax> visited, SeparatedSyntaxList<ArgumentSyntax> original, string method, Func<ExpressionSyntax, bool> concerns) =>
        SeparatedList(visited.Select((argument, i) =>
            concerns(original[i].Expression) ? argument.WithExpression(Call(method, argument.Expression)) : argument));

    /// <summary><c>a.B(…)</c> becomes <c>a.Method(…)</c>, and <c>a?.B(…)</c> <c>a?.Method(…)</c>: an extension method of ours.</summary>
    public static InvocationExpressionSyntax Instead(InvocationExpressionSyntax call, string method) => call.Expression switch
    {
        MemberAccessExpressionSyntax access => call.WithExpression(access.WithName(IdentifierName(method))),
        MemberBindingExpressionSyntax binding => call.WithExpression(binding.WithName(IdentifierName(method))),
        _ => call,
    };

    /// <summary>
    /// <c>a.B(…)</c> becomes <c>a.Method().B(…)</c>, and <c>a?.B(…)</c> <c>a?.Method().B(…)</c>: an extension method of ours, because what follows
    /// a question mark can't be put between the brackets of a call.
    /// </summary>
    public static InvocationExpressionSyntax WithReceiverIn(InvocationExpressionSyntax call, string method) => call.Expression switch
    {
        MemberAccessExpressionSyntax access => call.WithExpression(access.WithExpression(
            InvocationExpression(MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, access.Expression, IdentifierName(method))))),
        MemberBindingExpressionSyntax binding => call.WithExpression(MemberAccessExpression(
            SyntaxKind.SimpleMemberAccessExpression, InvocationExpression(binding.WithName(IdentifierName(method))), binding.Name)),
        _ => call,
    };
}
