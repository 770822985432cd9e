using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Postern;

/// <summary>An Entra application's secret as a credential, of whatever authority.</summary>
internal static class ApplicationCredential
{
    /// <param name="http">Trusts the authority.</param>
    public static TokenCredential Create(Uri authority, string tenantId, string clientId, string secret, HttpClient http) =>
        new ClientSecretCredential(tenantId, clientId, secret, new ClientSecretCredentialOptions
        {
            AuthorityHost = authority,
            DisableInstanceDiscovery = true,
            Transport = new HttpClientTransport(http),
        });
}
