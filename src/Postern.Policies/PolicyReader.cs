using Postern.Policies.Expressions;
using Postern.Policies.Reading;

namespace Postern.Policies;

/// <summary>Checks documents without running them: what a save, an editor and <c>policy check</c> need.</summary>
public static class PolicyReader
{
    /// <summary>
    /// All problems of a document, expressions included, ordered by place. Empty when the gateway would run it.
    /// Never throws on any text.
    /// </summary>
    public static IReadOnlyList<PolicyDiagnostic> Validate(PolicySource source, IPolicyReferences references)
    {
        var problems = new PolicyProblems();
        var document = DocumentReader.Read(source, references, problems);
        if (document is { Expressions.Count: > 0 })
        {
            ExpressionCompiler.Compile(document.Expressions, problems);
        }

        return problems.ToList();
    }

    /// <summary>As <see cref="Validate"/>, without a look into expressions: a hundred times quicker.</summary>
    public static IReadOnlyList<PolicyDiagnostic> ValidateStructure(PolicySource source, IPolicyReferences references)
    {
        var problems = new PolicyProblems();
        DocumentReader.Read(source, references, problems);
        return problems.ToList();
    }
}
