using System.Collections.Concurrent;
using Postern.Gateway.State;
using Postern.Policies;
using Postern.Snapshots;
using ProductState = Postern.Gateway.State.ProductState;

namespace Postern.Gateway.Programs;

/// <summary>The compiled documents of one state. Operations under the same documents share one program.</summary>
internal sealed class PolicyPrograms : IPolicyPrograms
{
    private readonly ConcurrentDictionary<(CompiledPolicy? Product, CompiledPolicy? Api, CompiledPolicy? Operation), IPolicyProgram> _programs = new();
    private readonly Dictionary<string, CompiledPolicy> _byScope = new(StringComparer.OrdinalIgnoreCase);
    private readonly CompiledPolicy _global;

    public PolicyPrograms(Dictionary<PolicySnapshot, CompiledPolicy> documents, string fingerprint, CompiledPolicy global)
    {
        Documents = documents;
        Fingerprint = fingerprint;
        _global = global;
        foreach (var (policy, document) in documents)
        {
            _byScope[policy.Scope] = document;
        }

        Global = PolicyProgram.Compose(global, null, null, null);
        Problems = [.. documents.Values.Where(document => document.Diagnostics.Count > 0)
            .SelectMany(document => document.Diagnostics.Select(diagnostic => $"G214: policy document '{document.Source.Name}': {diagnostic}"))];
    }

    /// <summary>By the entity that each was made from.</summary>
    public IReadOnlyDictionary<PolicySnapshot, CompiledPolicy> Documents { get; }

    /// <summary>Of the named values and fragments that the documents were compiled with.</summary>
    public string Fingerprint { get; }

    public IPolicyProgram Global { get; }

    public IReadOnlyList<string> Problems { get; }

    public IPolicyProgram Compose(ProductState? product, ApiState api, OperationState operation)
    {
        var apiScope = api.Snapshot.Key;
        var key = (
            product is null ? null : _byScope.GetValueOrDefault($"products/{product.Id}"),
            _byScope.GetValueOrDefault(apiScope),
            _byScope.GetValueOrDefault($"{apiScope}/operations/{operation.Id}"));
        return _programs.GetOrAdd(
            key,
            static (key, global) => PolicyProgram.Compose(global, key.Product, key.Api, key.Operation),
            _global);
    }
}
