using System.Text;
using Postern.Gateway.Settings;

namespace Postern.Gateway.Loading;

/// <summary>The gateway token, from the settings or from a file that is read at each call, so that it can be renewed without a restart.</summary>
internal sealed class GatewayTokenCredential(ConfigurationAuth.GatewayToken token) : IConfigurationCredential
{
    public ReadOnlyMemory<byte>? BackupSecret => Encoding.UTF8.GetBytes(Read());

    public ValueTask<string> GetAuthorizationAsync(CancellationToken cancellation) => new(Read());

    public void Refused()
    {
    }

    private string Read()
    {
        if (token.Path is null)
        {
            return token.Token;
        }

        string text;
        try
        {
            text = File.ReadAllText(token.Path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationUnavailableException("G226", null, "CredentialNotReadable", $"The gateway's credential cannot be read: {failed.Message}", failed);
        }

        return GatewayTokenText.TryNormalise(text, out var normal, out _)
            ? normal
            : throw new ConfigurationUnavailableException("G226", null, "CredentialNotReadable", $"'{token.Path}' holds no gateway token: {GatewayTokenText.Shape}.");
    }
}
