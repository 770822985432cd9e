namespace Postern.ControlPlane.Resources;

/// <summary>What a path means: a resource, a collection, or something that a POST does.</summary>
/// <param name="Kind">Kind of the resource or of the collection's items; for an action, of the resource acted on.</param>
/// <param name="Id">Canonical id of the resource; of the parent, for a collection.</param>
/// <param name="Ancestors">Kind and id of each resource above, outermost first; without <paramref name="Id"/>'s own.</param>
/// <param name="Action">Last segment of a POST; null otherwise.</param>
internal sealed record ResourceAddress(
    ResourceKind Kind, string Id, string Name, IReadOnlyList<(ResourceKind Kind, string Id)> Ancestors, bool IsCollection, string? Action);
