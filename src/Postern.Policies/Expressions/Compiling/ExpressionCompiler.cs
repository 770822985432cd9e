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

        foreach (var unit in new ExpressionBatch().Compile(units))
        {
            SoleDocument.Compile(unit);
        }
    }

    /// <summary>Sets the delegates, or adds what is wrong to <paramref name="problems"/>.</summary>
    public static void Compile(IReadOnlyList<ExpressionSource> expressions, PolicyProblems problems)
    {
        var sound = WellFormed(expressions, problems);
        if (sound.Count > 0)
        {
            SoleDocument.Compile(new(sound, problems));
        }
    }

    private static List<ExpressionSource> WellFormed(IReadOnlyList<ExpressionSource> expressions, PolicyProblems problems) =>
        expressions.Where(expression => WellFormedExpression.Check(expression, problems)).ToList();
}
