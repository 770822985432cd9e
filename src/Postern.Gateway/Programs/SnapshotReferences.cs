using System.Security.Cryptography;
using System.Text;
using Postern.Gateway.State;
using Postern.Policies;
using Postern.Snapshots;

namespace Postern.Gateway.Programs;

/// <summary>The named values and fragments that the documents of one set refer to.</summary>
internal sealed class SnapshotReferences : IPolicyReferences
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>By id in any casing, as the control plane finds them.</summary>
    private readonly Dictionary<string, PolicyFragmentSnapshot> _fragments = new(StringComparer.OrdinalIgnoreCase);

    public SnapshotReferences(EntitySet entities)
    {
        var hashes = new List<string>();
        foreach (var value in entities.Of<NamedValueSnapshot>())
        {
            _values[value.Name] = value.Value;
            hashes.Add(entities.HashOf(value.Key));
        }

        foreach (var fragment in entities.Of<PolicyFragmentSnapshot>())
        {
            _fragments[fragment.Id] = fragment;
            hashes.Add(entities.HashOf(fragment.Key));
        }

        hashes.Sort(StringComparer.Ordinal);
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(hashes))));
    }

    /// <summary>The same for two sets whose named values and fragments are the same.</summary>
    public string Fingerprint { get; }

    public string? FindNamedValue(string name) => _values.GetValueOrDefault(name);

    public PolicySource? FindFragment(string id) => _fragments.TryGetValue(id, out var fragment)
        ? new(PolicyScope.Fragment, fragment.Key, PolicyProgramCompiler.FormatOf(fragment.Format), fragment.Text)
        : null;
}
