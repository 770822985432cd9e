using Postern.ControlPlane.Access.Rbac;

namespace Postern.ControlPlane.Access;

/// <summary>
/// Where the configuration API's role data comes from: this control plane's own store or a remote Azure Resource Manager. Either way it
/// is read as the service's system-assigned identity, and only as far as that identity may.
/// </summary>
internal interface IRoleData
{
    /// <param name="identity">Whose eyes to read with.</param>
    /// <param name="serviceScope">Normalised ARM id of the service; role data at, above and below it is returned.</param>
    ValueTask<RoleDataOutcome> ReadAsync(ServiceIdentity identity, string serviceScope, CancellationToken cancellation);
}

/// <param name="PrincipalId">Object id of the system-assigned identity.</param>
internal sealed record ServiceIdentity(string PrincipalId, string TenantId);

/// <summary>Role data, or why the identity can't have it.</summary>
/// <param name="MissingAction">The read action that the identity lacks.</param>
/// <param name="Explanation">One sentence on the missing step.</param>
/// <param name="Unreachable">The source could not be asked.</param>
internal sealed record RoleDataOutcome(RoleSet? Roles, string? MissingAction = null, string? Explanation = null, bool Unreachable = false);
