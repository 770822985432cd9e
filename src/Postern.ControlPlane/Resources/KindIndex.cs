using System.Collections.Frozen;

namespace Postern.ControlPlane.Resources;

/// <summary>The kinds by type, for routing.</summary>
internal sealed class KindIndex(IReadOnlyList<ResourceKind> kinds)
{
    private readonly FrozenDictionary<string, ResourceKind> _byType = kinds.ToFrozenDictionary(kind => kind.Type, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<ResourceKind> All => kinds;

    /// <param name="type">In any casing.</param>
    public ResourceKind? Find(string type) => _byType.GetValueOrDefault(type);
}
