namespace Postern.ControlPlane.Access;

/// <summary>Which groups a principal is in. The directory knows.</summary>
internal interface IGroupMembership
{
    /// <returns>Object ids of all groups, directly and through other groups. Empty when there is no directory to ask.</returns>
    ValueTask<IReadOnlyCollection<string>> GroupsOfAsync(string principalId, CancellationToken cancellation);
}
