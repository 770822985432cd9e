using System.Collections.Immutable;
using Postern.Authority.Assertions;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Tokens;

/// <summary>Who asks for a token? The service principal of the client in that tenant, once it has proved itself.</summary>
internal sealed class ClientAuthentication(ClientSecretCheck secrets, ClientAssertionCheck assertions)
{
    public async ValueTask<(ServicePrincipal? Principal, ClientProof Proof, TokenRefusal? Refusal)> AuthenticateAsync(
        TokenRequest request, DirectoryState directory, Tenant tenant, string remote, CancellationToken cancellation)
    {
        var client = TokenRequest.Shown(request.ClientId);
        var application = directory.ApplicationByAppId(client);
        var principal = directory.PrincipalByAppId(tenant.Id, client);
        ImmutableArray<Credentials> credentials = [application?.Credentials ?? Credentials.None, principal?.Credentials ?? Credentials.None];

        var (proof, refusal) = (request.ClientSecret, request.Assertion) switch
        {
            ({ } secret, null) => (ClientProof.Secret, await secrets.RefuseAsync(
                client, application?.ObjectId, [.. credentials.SelectMany(each => each.Secrets)], secret, remote, cancellation)),
            (null, { }) when application is not null =>
                (ClientProof.Assertion, await assertions.RefuseAsync(request, client, tenant.Id, credentials, cancellation)),
            (null, _) => (default, TokenRefusal.NoCredentials),
            _ => (default, TokenRefusal.Malformed),
        };
        refusal = Standing(refusal, client, application, principal, tenant);
        return refusal is null ? (principal, proof, null) : (null, default, refusal);
    }

    /// <summary>
    /// Entra tells a stranger which applications there are, and clients rely on the code; so do we. What a client's secret is like is told
    /// only for clients that exist, and whether it is disabled only to the client itself.
    /// </summary>
    private static TokenRefusal? Standing(
        TokenRefusal? refusal, string client, Application? application, ServicePrincipal? principal, Tenant tenant)
    {
        if (refusal is { Status: 429 })
        {
            return refusal;
        }

        if (application is null)
        {
            return TokenRefusal.UnknownApplication(client, tenant.Id);
        }

        if (principal is null)
        {
            return refusal is null && string.Equals(application.TenantId, tenant.Id, StringComparison.OrdinalIgnoreCase)
                ? TokenRefusal.NoServicePrincipal(client, tenant.Id)
                : TokenRefusal.UnknownApplication(client, tenant.Id);
        }

        return refusal ?? (principal.Enabled ? null : TokenRefusal.Disabled(client, principal.DisplayName));
    }
}
