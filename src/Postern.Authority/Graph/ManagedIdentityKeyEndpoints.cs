using System.Text.Json.Nodes;
using Postern.Authority.ManagedIdentity;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary>
/// <c>POST /v1.0/servicePrincipals/{id}/resetIdentityHeader</c>, beyond Graph: gives a managed identity a new key, shown once, with the
/// address at which it is good, in the names of the environment variables that clients read. The old key is void at once.
/// </summary>
internal sealed class ManagedIdentityKeyEndpoints(AuthorityAddress address)
{
    public void Map(GraphRoutes routes) => routes.Write("POST", "/servicePrincipals/{id}/resetIdentityHeader", Reset);

    private GraphAnswer Reset(GraphCall call, DirectoryTransaction change)
    {
        if (ServicePrincipalEndpoints.Find(call, change.State) is not { } principal)
        {
            return ServicePrincipalEndpoints.Missing(call);
        }

        if (principal.Kind != PrincipalKind.ManagedIdentity)
        {
            return GraphError.BadRequest("Only managed identities have an identity header; applications have credentials.");
        }

        var (text, hash) = ManagedIdentityKey.Make(principal.ObjectId);
        change.Put(principal with { IdentityKey = hash });
        return new JsonObject
        {
            ["IDENTITY_ENDPOINT"] = address.Origin + ManagedIdentityEndpoints.AppServicePath,
            ["IDENTITY_HEADER"] = text,
        };
    }
}
