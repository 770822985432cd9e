namespace Postern.ControlPlane.Access.Groups;

/// <summary>For a control plane without a directory to ask: principals have only the roles assigned to themselves.</summary>
internal sealed class NoGroups : IGroupMembership
{
    public ValueTask<IReadOnlyCollection<string>?> GroupsOfAsync(string principalId, CancellationToken cancellation) => new([]);
}
