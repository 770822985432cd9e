using System.Text.Json.Nodes;
using Postern.Authority.Keys;

namespace Postern.Authority.Graph;

/// <summary>The slice of Microsoft Graph that role assignments and <c>az ad</c> need.</summary>
internal static class GraphEndpoints
{
    public static void Map(GraphRoutes routes, AuthorityAddress address, TimeProvider time, SigningKeyRing keys)
    {
        new ServicePrincipalEndpoints(address, time).Map(routes);
        new ApplicationEndpoints(address, time).Map(routes);
        new PasswordEndpoints(time).Map(routes);
        new FederatedCredentialEndpoints().Map(routes);
        new ManagedIdentityKeyEndpoints(address).Map(routes);
        new SigningKeyEndpoints(keys).Map(routes);
        new AppRoleAssignmentEndpoints(time).Map(routes);
        new GroupEndpoints(address, time).Map(routes);
        new DirectoryObjectEndpoints(address).Map(routes);

        // People aren't kept here; tools that look for one among them must hear that there is none.
        routes.Read("GET", "/users", _ => new JsonObject { ["value"] = new JsonArray() });
        routes.Read("GET", "/users/{id}", call => GraphError.NotFound(call.Route("id")));
        routes.MapRest();
    }
}
