namespace Postern.ControlPlane.Access.Groups;

/// <summary>Which groups a principal is in. The directory knows.</summary>
internal interface IGroupMembership
{
    /// <returns>
    /// Object ids of all groups, directly and through other groups; empty when there is no directory to ask. Null when it can't be found
    /// out: then nothing may be decided, for a group may be what a deny assignment names.
    /// </returns>
    ValueTask<IReadOnlyCollection<string>?> GroupsOfAsync(string principalId, CancellationToken cancellation);
}
