using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Postern.Policies.Language;
using Postern.Policies.Reading;

namespace Postern.Policies.Expressions;

/// <summary>
/// Compiles all expressions of a document to one assembly in memory, after the rules have passed. The assembly goes away when
/// nobody holds the document's policies any more.
/// </summary>
internal static class ExpressionCompiler
{
    public static readonly CSharpParseOptions Parsing = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp12);

    private static readonly Lazy<CSharpCompilation> Shared = new(() => CSharpCompilation.Create(
        "Postern.Expressions",
        syntaxTrees: [CSharpSyntaxTree.ParseText(ExpressionText.Usings, Parsing)],
        references: ExpressionReferences.All,
        options: new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            allowUnsafe: false,
            concurrentBuild: false,
            generalDiagnosticOption: ReportDiagnostic.Suppress,
            warningLevel: 0,
            nullableContextOptions: NullableContextOptions.Disable)));

    /// <summary>
    /// Without any document. All compilations come from it and have its name: another name would make the compiler bind the references again,
    /// which costs more than all the rest.
    /// </summary>
    public static CSharpCompilation Empty => Shared.Value;

    /// <summary>
    /// Compiles documents that arrive together as one assembly, which costs a fraction: what the compiler finds out about the references it
    /// finds out once. A document with anything unusual about it goes alone, so that no other suffers from it.
    /// </summary>
    public static void CompileAll(IReadOnlyList<(IReadOnlyList<ExpressionSource> Expressions, PolicyProblems Problems)> documents)
    {
        var units = new List<ExpressionUnit>(documents.Count);
        foreach (var (expressions, problems) in documents)
        {
            var sound = WellFormed(expressions, problems);
            if (sound.Count > 0)
            {
                units.Add(new(sound, problems));
            }
        }

        // Given up together, each goes alone: only the one that takes too long is refused.
        var alone = units.Count > 1 ? CompilerThread.Run(() => new ExpressionBatch().Compile(units)) : units;
        foreach (var unit in alone ?? [.. units.Select(unit => new ExpressionUnit(unit.Expressions, unit.Problems))])
        {
            CompileAlone(unit.Expressions, unit.Problems);
        }
    }

    /// <summary>Sets the delegates, or adds what is wrong to <paramref name="problems"/>.</summary>
    public static void Compile(IReadOnlyList<ExpressionSource> expressions, PolicyProblems problems)
    {
        var sound = WellFormed(expressions, problems);
        if (sound.Count > 0)
        {
            CompileAlone(sound, problems);
        }
    }

    private static void CompileAlone(IReadOnlyList<ExpressionSource> expressions, PolicyProblems problems)
    {
        var found = CompilerThread.Run(() =>
        {
            var unit = new ExpressionUnit(expressions, new());
            SoleDocument.Compile(unit);
            return unit.Problems;
        });
        if (found is not null)
        {
            problems.AddAll(found);
            return;
        }

        ExpressionProblems.Add(problems, expressions[0], PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0,
            "The document's expressions take too long to compile. Nest fewer lambdas, tuples and texts in each other.");
    }

    private static List<ExpressionSource> WellFormed(IReadOnlyList<ExpressionSource> expressions, PolicyProblems problems)
    {
        var current = expressions[0];
        var found = CompilerThread.Run(() =>
        {
            var problems = new PolicyProblems();
            return Tuple.Create(expressions.Where(expression => WellFormedExpression.Check(current = expression, problems)).ToList(), problems);
        });
        if (found is not null)
        {
            problems.AddAll(found.Item2);
            return found.Item1;
        }

        ExpressionProblems.Add(problems, current, PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0, "The expression takes too long to read.");
        return [];
    }
}
