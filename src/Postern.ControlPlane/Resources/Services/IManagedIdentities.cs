namespace Postern.ControlPlane.Resources.Services;

/// <summary>System-assigned identities of services: service principals that live and die with their resource.</summary>
internal interface IManagedIdentities
{
    /// <summary>Makes the identity of a resource, or finds the one it already has.</summary>
    /// <param name="resourceId">ARM id of the service.</param>
    /// <returns>Object id of the service principal, or why there is none.</returns>
    ValueTask<(string? PrincipalId, string? Problem)> EnsureAsync(string resourceId, CancellationToken cancellation);

    /// <summary>Removes it; nothing happens when it is gone already.</summary>
    /// <returns>Why it could not be removed; null when it is gone.</returns>
    ValueTask<string?> RemoveAsync(string principalId, CancellationToken cancellation);
}
