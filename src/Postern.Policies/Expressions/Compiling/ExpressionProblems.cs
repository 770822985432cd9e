using System.Globalization;
using Microsoft.CodeAnalysis;
using Postern.Policies.Language;
using Postern.Policies.Reading;

namespace Postern.Policies.Expressions;

/// <summary>Says what is wrong with an expression, at its place in the document.</summary>
internal static class ExpressionProblems
{
    private const int MostErrors = 100;

    /// <param name="start">Of the place in the expression's code, as <paramref name="end"/>.</param>
    public static void Add(PolicyProblems problems, ExpressionSource expression, string id, int start, int end, string message)
    {
        var bounded = Math.Clamp(start, 0, expression.Code.Length);
        if (expression.NamedValueIn(bounded, Math.Max(end, bounded + 1)) is { } name)
        {
            // The compiler's message would quote the value, which may be a secret.
            message = $"The value of {{{{{name}}}}} does not fit here.";
        }

        problems.Add(expression.Problem(id, bounded, message));
    }

    /// <summary>For what can't be said of one expression: it is told at the first.</summary>
    public static void AddToFirst(ExpressionUnit unit, string message) =>
        Add(unit.Problems, unit.Expressions[0], PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0, message);

    /// <param name="errors">Of the text as it was, before the guard.</param>
    public static void AddErrors(ExpressionUnit unit, IEnumerable<Diagnostic> errors)
    {
        foreach (var error in errors.Take(MostErrors))
        {
            var span = error.Location.SourceSpan;
            var index = Math.Max(unit.Text.IndexOf(span.Start), 0);
            var offset = unit.Text.StartOf(index);
            var (id, message) = Told(error);
            Add(unit.Problems, unit.Expressions[index], id, span.Start - offset, span.End - offset, message);
        }
    }

    /// <summary>A type in an assembly that expressions don't see is not one to add a reference for, as the compiler advises.</summary>
    private static (string Id, string Message) Told(Diagnostic error)
    {
        var message = error.GetMessage(CultureInfo.InvariantCulture);
        return error.Id is "CS0012" or "CS1069" && message.Split('\'') is [_, var type, ..]
            ? (PolicyDiagnostics.ForbiddenMember, $"Type '{type}' is not allowed in policy expressions.")
            : (PolicyDiagnostics.ExpressionDoesNotCompile, $"{message} ({error.Id})");
    }
}
