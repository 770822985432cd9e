namespace Postern.Policies;

/// <summary>The compiled documents of one configuration, by <see cref="PolicySource.Name"/>.</summary>
public sealed class CompiledPolicies(IReadOnlyDictionary<string, CompiledPolicy> byName)
{
    public IEnumerable<CompiledPolicy> All => byName.Values;

    /// <summary>Null when there is no document of that name.</summary>
    public CompiledPolicy? this[string name] => byName.GetValueOrDefault(name);
}
