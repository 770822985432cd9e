namespace Postern.ControlPlane.Store;

/// <summary>How the text of an indexed member is compared, without regard to case.</summary>
public enum ValueMatch
{
    Equal,
    StartsWith,
    EndsWith,
    Contains,
}

/// <summary>Asks for resources by the text of one indexed member (<see cref="IndexedMembers"/>).</summary>
/// <param name="RootId">Id of the resource that the collection is below, in any casing: the direct parent, or the service for what is found across it.</param>
/// <param name="Collection">Resource type, or a name of <see cref="IndexedMembers"/>; in any casing.</param>
/// <param name="Member">Indexed member, with its casing.</param>
/// <param name="Text">Shorter than <see cref="IndexedMembers.LongestText"/>. A flag is <c>true</c> or <c>false</c>.</param>
public sealed record ValueQuery(string RootId, string Collection, string Member, ValueMatch Match, string Text)
{
    /// <summary>Flags are kept apart from texts that read the same.</summary>
    public bool IsFlag { get; init; }

    /// <summary>Finds also what is longer than the index keeps, because its end was not compared.</summary>
    public bool OrLonger { get; init; }
}

/// <param name="Rows">Ordered by name.</param>
/// <param name="Count">How many there are in all.</param>
public sealed record FoundRows(IReadOnlyList<ResourceRow> Rows, long Count);
