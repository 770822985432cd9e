using Postern.Gateway.State;
using Postern.Policies;
using Postern.Snapshots;

namespace Postern.Gateway.Programs;

/// <summary>
/// Compiles a set's policy documents. When named values and fragments are as before, a document that did not change is not even looked at.
/// </summary>
internal sealed class PolicyProgramCompiler : IPolicyCompiler
{
    private const string DefaultGlobal = "<policies><inbound /><backend><forward-request /></backend><outbound /></policies>";

    private readonly PolicyCompiler _compiler = new();

    public IPolicyPrograms Compile(EntitySet entities, IPolicyPrograms? previous)
    {
        var references = new SnapshotReferences(entities);
        var before = previous as PolicyPrograms;
        var documents = new Dictionary<PolicySnapshot, CompiledPolicy>(ReferenceEqualityComparer.Instance);
        var changed = new List<PolicySnapshot>();
        foreach (var policy in entities.Of<PolicySnapshot>())
        {
            if (before is not null && before.Fingerprint == references.Fingerprint && before.Documents.TryGetValue(policy, out var known))
            {
                documents.Add(policy, known);
            }
            else
            {
                changed.Add(policy);
            }
        }

        var compiled = _compiler.Compile(changed.Select(SourceOf), references);
        foreach (var policy in changed)
        {
            documents.Add(policy, compiled[policy.Scope]!);
        }

        var global = documents.Values.FirstOrDefault(document => document.Source.Scope == PolicyScope.Global)
            ?? _compiler.Compile(new PolicySource(PolicyScope.Global, "global", PolicyFormat.RawXml, DefaultGlobal), references);
        return new PolicyPrograms(documents, references.Fingerprint, global);
    }

    private static PolicySource SourceOf(PolicySnapshot policy) => new(ScopeOf(policy.Scope), policy.Scope, FormatOf(policy.Format), policy.Text);

    internal static PolicyFormat FormatOf(string format) =>
        format.Equals("xml", StringComparison.OrdinalIgnoreCase) ? PolicyFormat.Xml : PolicyFormat.RawXml;

    private static PolicyScope ScopeOf(string scope) =>
        scope.StartsWith("products/", StringComparison.Ordinal) ? PolicyScope.Product
        : !scope.StartsWith("apis/", StringComparison.Ordinal) ? PolicyScope.Global
        : scope.Contains("/operations/", StringComparison.Ordinal) ? PolicyScope.Operation
        : PolicyScope.Api;
}
