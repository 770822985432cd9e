namespace Postern.ControlPlane.Access.RemoteRoles;

/// <summary>Access tokens of a service's system-assigned identity, for calls that are made in its name.</summary>
internal interface IServiceIdentityTokens
{
    /// <param name="resource">The audience.</param>
    /// <returns>A token that is good for some minutes yet, or why there is none.</returns>
    ValueTask<IdentityTokenOutcome> TokenAsync(ServiceIdentity identity, string resource, CancellationToken cancellation);

    /// <summary>The token was not accepted: the next one must be new.</summary>
    void Forget(ServiceIdentity identity);
}

internal readonly record struct IdentityTokenOutcome(string? Token, string? Problem);
