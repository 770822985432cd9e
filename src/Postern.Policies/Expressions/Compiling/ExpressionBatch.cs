using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Postern.Policies.Reading;

namespace Postern.Policies.Expressions;

/// <summary>Compiles documents to one assembly, as far as there is nothing unusual about them.</summary>
internal sealed class ExpressionBatch
{
    private readonly List<ExpressionUnit> _alone = [];

    /// <returns>Documents that have to go alone. All others have their delegates.</returns>
    public IReadOnlyList<ExpressionUnit> Compile(IReadOnlyList<ExpressionUnit> units)
    {
        while (units.Count > 1)
        {
            units = CompileTogether(units);
        }

        _alone.AddRange(units);
        return _alone;
    }

    /// <returns>Documents to be tried together again; empty when this was all.</returns>
    private IReadOnlyList<ExpressionUnit> CompileTogether(IReadOnlyList<ExpressionUnit> units)
    {
        for (var i = 0; i < units.Count; i++)
        {
            units[i].Write($"CompiledExpressions{i}");
        }

        var readable = units.Where(unit => unit.IsReadable).ToList();
        _alone.AddRange(units.Except(readable));
        try
        {
            var compilation = ExpressionCompiler.Empty.AddSyntaxTrees(readable.Select(unit => unit.Tree));
            var verdicts = new SymbolVerdicts(compilation.Assembly);
            var clean = new List<ExpressionUnit>(readable.Count);
            foreach (var unit in readable)
            {
                var found = new PolicyProblems();
                var model = compilation.GetSemanticModel(unit.Tree);
                if (!TryCheck(unit, model, verdicts, found))
                {
                    _alone.Add(unit);
                    continue;
                }

                unit.Guard(model);
                clean.Add(unit);
            }

            var changed = readable.Where(unit => unit.Final != unit.Tree || !clean.Contains(unit)).ToList();
            var final = compilation.RemoveSyntaxTrees(changed.Select(unit => unit.Tree)).AddSyntaxTrees(changed.Where(clean.Contains).Select(unit => unit.Final));
            using var image = new MemoryStream();
            var emitted = final.Emit(image);
            if (emitted.Success)
            {
                ExpressionAssembly.Load(image, clean);
                return [];
            }

            return Sort(clean, compilation, emitted.Diagnostics);
        }
        catch (InsufficientExecutionStackException)
        {
            return Alone(readable);
        }
    }

    private static bool TryCheck(ExpressionUnit unit, SemanticModel model, SymbolVerdicts verdicts, PolicyProblems found)
    {
        try
        {
            unit.Check(model, verdicts, found);
            return found.Count == 0;
        }
        catch (ExpressionTooLargeException)
        {
            return false;
        }
    }

    /// <summary>Documents with errors go alone, unless all they need is a conversion at run time.</summary>
    private IReadOnlyList<ExpressionUnit> Sort(IReadOnlyList<ExpressionUnit> units, CSharpCompilation compilation, IEnumerable<Diagnostic> diagnostics)
    {
        var byTree = diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToLookup(error => error.Location.SourceTree);
        var faulty = units.Where(unit => byTree.Contains(unit.Final)).ToList();
        if (faulty.Count == 0)
        {
            return Alone(units);
        }

        // Places in a rewritten tree are not those of the text; what was rewritten finds its own errors alone.
        var released = faulty.Where(unit => unit.Final == unit.Tree && !unit.Released
            && LaterConversion.Allow(unit, compilation.GetSemanticModel(unit.Tree), byTree[unit.Final])).ToList();
        released.ForEach(unit => unit.Released = true);
        _alone.AddRange(faulty.Except(released));
        return [.. units.Except(faulty), .. released];
    }

    private IReadOnlyList<ExpressionUnit> Alone(IEnumerable<ExpressionUnit> units)
    {
        _alone.AddRange(units.Except(_alone));
        return [];
    }
}
