using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>
/// A collection that clients list to see whether there is something to do, of a feature that this product does not have. It is always
/// empty; nothing can be put into it.
/// </summary>
internal sealed class NoSuchFeatureKind(string type) : ResourceKind(type)
{
    public override Verbs Verbs => Verbs.List;

    public override ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation) => new([]);
}
