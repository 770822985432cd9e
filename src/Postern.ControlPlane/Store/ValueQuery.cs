namespace Postern.ControlPlane.Store;

/// <summary>Asks for resources by the text of one indexed member (<see cref="IndexedMembers"/>), without regard to case.</summary>
/// <param name="RootId">Id of the resource that the collection is below, in any casing: the direct parent, or the service for what is found across it.</param>
/// <param name="Collection">Resource type, or a name of <see cref="IndexedMembers"/>; in any casing.</param>
/// <param name="Member">Indexed member, with its casing.</param>
/// <param name="Text">Shorter than <see cref="IndexedMembers.LongestText"/>.</param>
public sealed record ValueQuery(string RootId, string Collection, string Member, string Text);
