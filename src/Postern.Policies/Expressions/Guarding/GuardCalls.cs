using Microsoft.CodeAnalysis;
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

    /// <summary><c>text.Replace(a, b)</c> becomes <c>method(text, a, b)</c>; null when it is not written that way.</summary>
    public static InvocationExpressionSyntax? WithReceiverFirst(InvocationExpressionSyntax call, string method) =>
        call.Expression is MemberAccessExpressionSyntax { Expression: var receiver }
            ? call.WithExpression(ParseExpression(method))
                .WithArgumentList(ArgumentList(call.ArgumentList.Arguments.Insert(0, Argument(receiver.WithoutTrivia()))))
            : null;

    /// <summary><c>a.B(…)</c> becomes <c>method(a).B(…)</c>.</summary>
    public static InvocationExpressionSyntax WithReceiverIn(InvocationExpressionSyntax call, string method) =>
        call.Expression is MemberAccessExpressionSyntax access
            ? call.WithExpression(access.WithExpression(Call(method, access.Expression)))
            : call;
}
