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

    public static bool Check(ExpressionSource expression, PolicyProblems problems)
    {
        var code = expression.Code;
        if (IsTooDeep(code))
        {
            ExpressionProblems.Add(problems, expression, PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0, $"Brackets are nested more than {MaxNesting} deep.");
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
    private static bool IsTooDeep(string code)
    {
        var depth = 0;
        var angles = 0;
        foreach (var c in code)
        {
            depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
            angles = c switch
            {
                '<' => angles + 1,
                '>' => Math.Max(0, angles - 1),
                ';' or '{' or '}' => 0,
                _ => angles,
            };
            if (depth > MaxNesting || angles > MaxNesting)
            {
                return true;
            }
        }

        return false;
    }
}
