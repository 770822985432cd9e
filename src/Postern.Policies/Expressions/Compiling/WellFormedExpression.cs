using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Postern.Policies.Language;
using Postern.Policies.Reading;

namespace Postern.Policies.Expressions;

/// <summary>
/// Each expression is parsed by itself first, so that none can close the method it is put into and no preprocessor directive
/// can reach its neighbours.
/// </summary>
internal static class WellFormedExpression
{
    private const int MaxNesting = 200;

    /// <summary>Levels of syntax: <c>a + b + c</c> has three, each call on the result of another two.</summary>
    private const int MaxDepth = 1000;

    /// <summary>How often the compiler may look at a lambda, all lambdas of an expression together: three sums within each other are a thousand.</summary>
    private const int MaxTries = 5000;

    private const int MaxTexts = 6;

    /// <summary>Calls that give more than they are given, one of another's result.</summary>
    private const int MaxDoublings = 12;

    public static bool Check(ExpressionSource expression, PolicyProblems problems)
    {
        var code = expression.Code;
        if (TooDeep(code) is { } tooDeep)
        {
            ExpressionProblems.Add(problems, expression, PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0, tooDeep);
            return false;
        }

        SyntaxNode node = expression.IsBlock
            ? SyntaxFactory.ParseStatement(code, options: ExpressionCompiler.Parsing)
            : SyntaxFactory.ParseExpression(code, options: ExpressionCompiler.Parsing);
        var error = node.GetDiagnostics().FirstOrDefault(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        if (error is not null)
        {
            ExpressionProblems.Add(problems, expression, PolicyDiagnostics.ExpressionDoesNotCompile, error.Location.SourceSpan.Start, error.Location.SourceSpan.End,
                $"{error.GetMessage(CultureInfo.InvariantCulture)} ({error.Id})");
            return false;
        }

        if (IsTooDeep(node))
        {
            ExpressionProblems.Add(problems, expression, PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0,
                $"More than {MaxDepth} terms, calls or statements depend on each other, or too many lambdas or generic calls are nested.");
            return false;
        }

        if (node.FullSpan.Length != code.Length || (expression.IsBlock && node is not BlockSyntax) || node.ContainsDirectives)
        {
            ExpressionProblems.Add(problems, expression, PolicyDiagnostics.ForbiddenConstruct, Math.Min(node.FullSpan.Length, code.Length), code.Length,
                node.ContainsDirectives ? "Preprocessor directives are not allowed in policy expressions." : "There is more than one expression here.");
            return false;
        }

        return true;
    }

    /// <summary>
    /// The compiler's parser guards its stack almost everywhere, but not while it looks ahead for types in brackets. Counted without
    /// regard to strings: whoever needs that many brackets in a string can write it in parts.
    /// </summary>
    private static string? TooDeep(string code)
    {
        var depth = 0;
        var angles = 0;
        var texts = new Stack<int>();
        for (var i = 0; i < code.Length; i++)
        {
            var c = code[i];
            depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
            while (texts.TryPeek(out var outer) && (c == ';' || depth < outer))
            {
                texts.Pop();
            }

            // The parser reads a text within a text again for each text around it.
            if (c == '"' && i > 0 && IsInterpolated(code, i)
                && (texts.Count == 0 || depth > texts.Peek()))
            {
                texts.Push(depth);
                if (texts.Count > MaxTexts)
                {
                    return $"Interpolated texts are nested more than {MaxTexts} deep.";
                }
            }

            angles = c switch
            {
                '<' => angles + 1,
                '>' => Math.Max(0, angles - 1),
                ';' or '{' or '}' => 0,
                _ => angles,
            };
            if (depth > MaxNesting || angles > MaxNesting)
            {
                return $"Brackets are nested more than {MaxNesting} deep.";
            }
        }

        return null;
    }

    /// <summary>The compiler works its way down by recursion, and where overloads are many it tries each lambda for each.</summary>
    private static bool IsTooDeep(SyntaxNode root)
    {
        var open = new Stack<(SyntaxNode Node, int Depth, long Tries, int Doublings)>();
        open.Push((root, 1, 1, 0));
        var all = 0L;
        while (open.TryPop(out var next))
        {
            var tries = next.Node is AnonymousFunctionExpressionSyntax function ? next.Tries * Overloads(function) : next.Tries;
            all += tries > next.Tries ? tries : 0;
            var doublings = next.Doublings + (next.Node is InvocationExpressionSyntax call && MayDouble(call) ? 1 : 0);
            if (next.Depth > MaxDepth || all > MaxTries || doublings > MaxDoublings)
            {
                return true;
            }

            foreach (var child in next.Node.ChildNodes())
            {
                open.Push((child, next.Depth + 1, tries, doublings));
            }
        }

        return false;
    }

    /// <summary>What it gives may have a type with twice the parts of what it is given: <c>GroupBy(x => x).GroupBy(x => x)</c>.</summary>
    private static bool MayDouble(InvocationExpressionSyntax call) => call.Expression switch
    {
        SimpleNameSyntax => true,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "GroupBy" or "ToLookup" or "ToDictionary" or "Zip" or "Create" } => true,
        _ => call.ArgumentList.Arguments.Any(argument => argument.Expression is LambdaExpressionSyntax { ExpressionBody: TupleExpressionSyntax or AnonymousObjectCreationExpressionSyntax }),
    };

    /// <summary>About how many methods of that name a lambda could be meant for.</summary>
    private static int Overloads(AnonymousFunctionExpressionSyntax function) =>
        function.Parent is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax or MemberBindingExpressionSyntax } call }
        && (call.Expression is MemberAccessExpressionSyntax access ? access.Name : ((MemberBindingExpressionSyntax)call.Expression).Name).Identifier.ValueText
            is "Sum" or "Average" or "Min" or "Max"
            ? 10
            : 2;

    /// <summary>The quote opens <c>$"</c>, <c>$@"</c>, <c>@$"</c> or <c>$"""</c>; only what stands directly before the first quote says so.</summary>
    private static bool IsInterpolated(string code, int quote) =>
        code[quote - 1] == '$' || (code[quote - 1] == '@' && quote > 1 && code[quote - 2] == '$');
}
