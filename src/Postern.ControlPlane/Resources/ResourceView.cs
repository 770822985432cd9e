using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>A stored resource on its way into an answer.</summary>
/// <param name="InList">Collections leave out what is big.</param>
internal sealed record ResourceView(ResourceRow Row, ArmCall Call, bool InList);
