namespace Postern.Gateway.Loading;

/// <summary>How calls to the configuration endpoint are authenticated.</summary>
internal interface IConfigurationCredential
{
    /// <summary>The value of the <c>Authorization</c> header; fresh enough for one call.</summary>
    /// <exception cref="ConfigurationUnavailableException">No token could be had.</exception>
    ValueTask<string> GetAuthorizationAsync(CancellationToken cancellation);

    /// <summary>
    /// What only this gateway knows and keeps, as key material for the backup; null when the credential has nothing that lasts.
    /// </summary>
    ReadOnlyMemory<byte>? BackupSecret { get; }
}

/// <summary>The gateway token, as it is.</summary>
internal sealed class GatewayTokenCredential(string token) : IConfigurationCredential
{
    public ReadOnlyMemory<byte>? BackupSecret { get; } = System.Text.Encoding.UTF8.GetBytes(token);

    public ValueTask<string> GetAuthorizationAsync(CancellationToken cancellation) => new(token);
}
