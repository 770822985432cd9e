using Microsoft.CodeAnalysis;
using Postern.Policies.Reading;

namespace Postern.Policies.Expressions;

/// <summary>Compiles one document by itself, with all there is to say about it.</summary>
internal static class SoleDocument
{
    public static void Compile(ExpressionUnit unit)
    {
        try
        {
            Compile(unit, mayRetry: true);
        }
        catch (InsufficientExecutionStackException)
        {
            ExpressionProblems.AddToFirst(unit, "An expression is nested too deeply.");
        }
        catch (ExpressionTooLargeException problem)
        {
            ExpressionProblems.AddToFirst(unit, problem.Message);
        }
    }

    private static void Compile(ExpressionUnit unit, bool mayRetry)
    {
        unit.Write("CompiledExpressions");
        if (!unit.IsReadable)
        {
            ExpressionProblems.AddToFirst(unit, "The document's expressions can't be read together.");
            return;
        }

        var compilation = ExpressionCompiler.Empty.AddSyntaxTrees(unit.Tree);
        var model = compilation.GetSemanticModel(unit.Tree);
        var before = unit.Problems.Count;
        unit.Check(model, new(compilation.Assembly), unit.Problems);
        if (unit.Problems.Count == before)
        {
            unit.Guard(model);
        }

        var final = unit.Final == unit.Tree ? compilation : compilation.ReplaceSyntaxTree(unit.Tree, unit.Final);
        using var image = new MemoryStream();
        var emitted = final.Emit(image);
        if (!emitted.Success)
        {
            var errors = compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToList();
            if (mayRetry && LaterConversion.Allow(unit, model, errors))
            {
                Compile(unit, mayRetry: false);
                return;
            }

            ExpressionProblems.AddErrors(unit, errors);
        }

        if (unit.Problems.Count == before && emitted.Success)
        {
            ExpressionAssembly.Load(image, [unit]);
        }
        else if (unit.Problems.Count == before)
        {
            ExpressionProblems.AddToFirst(unit, "The document's expressions can't be compiled together.");
        }
    }
}
