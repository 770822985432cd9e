namespace Postern.Gateway.Loading;

/// <summary>How calls to the configuration endpoint are authenticated.</summary>
internal interface IConfigurationCredential
{
    /// <summary>The value of the <c>Authorization</c> header; fresh enough for one call.</summary>
    /// <exception cref="ConfigurationUnavailableException">No token could be had.</exception>
    ValueTask<string> GetAuthorizationAsync(CancellationToken cancellation);

    /// <summary>The server answered 401: what was kept is no good any more.</summary>
    void Refused();

    /// <summary>
    /// What only this gateway knows and keeps, as key material for the backup; null when the credential has nothing that lasts.
    /// </summary>
    ReadOnlyMemory<byte>? BackupSecret { get; }
}
