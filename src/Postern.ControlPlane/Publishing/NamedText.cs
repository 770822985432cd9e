using Postern.ControlPlane.Resources.Policies;
using Postern.Policies;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>What documents say once the named values are in them, as gateways will read them.</summary>
internal sealed class NamedText(ServiceModel model)
{
    private Dictionary<string, Published>? _values;

    /// <summary>By display name.</summary>
    public Dictionary<string, Published> Values => _values ??= model.NamedValueNames();

    /// <summary>Fragments that a document includes: named by it, by a named value, or inside of one that has the whole element.</summary>
    public IEnumerable<string> FragmentsOf(DocumentUse use) => use.NamedValues.Count == 0 ? use.Fragments
        : use.Fragments.Select(id => NamedValueReferences.Fill(id, Find).Trim())
            .Concat(use.NamedValues.Select(Find).OfType<string>().SelectMany(StoredReferences.FragmentsIn));

    private string? Find(string name) => Values.TryGetValue(name, out var value) ? ((NamedValueSnapshot)value.Entity).Value : null;
}
