using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary>
/// <c>/v1.0/servicePrincipals</c>. Beyond Graph: a principal of type <c>ManagedIdentity</c> can be made, by the control plane for its
/// service; its alternative names hold the ARM id of the resource, and asking again for the same resource gives the same identity.
/// </summary>
internal sealed class ServicePrincipalEndpoints(AuthorityAddress address, TimeProvider time)
{
    private static readonly HashSet<string> Meant =
    [
        "id", "deletedDateTime", "accountEnabled", "alternativeNames", "appDisplayName", "appId", "appOwnerOrganizationId",
        "appRoleAssignmentRequired", "createdDateTime", "displayName", "servicePrincipalNames", "servicePrincipalType", "appRoles",
        "keyCredentials", "passwordCredentials",
    ];

    public void Map(GraphRoutes routes)
    {
        routes.Read("GET", "/servicePrincipals", List);
        routes.Read("GET", "/servicePrincipals/{id}", call => Find(call, call.Directory) is { } found ? Show(call, found) : Missing(call));
        routes.Read("GET", "/servicePrincipals(appId='{appId}')", call => Find(call, call.Directory) is { } found ? Show(call, found) : Missing(call));
        routes.Read("GET", "/servicePrincipals/{id}/owners", call => Find(call, call.Directory) is null ? Missing(call) : new JsonObject { ["value"] = new JsonArray() });
        routes.Write("POST", "/servicePrincipals", Create);
        routes.Write("PATCH", "/servicePrincipals/{id}", Update);
        routes.Write("DELETE", "/servicePrincipals/{id}", Delete);
    }

    /// <summary>By object id, or by the client id where the path has that.</summary>
    public static ServicePrincipal? Find(GraphCall call, DirectoryState directory)
    {
        var found = call.Route("appId") is { Length: > 0 } appId
            ? directory.PrincipalByAppId(call.TenantId, appId)
            : directory.Principals.GetValueOrDefault(call.Route("id"));
        return found is not null && call.Mine(found.TenantId) ? found : null;
    }

    public static GraphError Missing(GraphCall call) => GraphError.NotFound(call.Route("id") is { Length: > 0 } id ? id : call.Route("appId"));

    private GraphAnswer List(GraphCall call)
    {
        var filter = new GraphFilter<ServicePrincipal>(new Dictionary<string, Func<ServicePrincipal, IEnumerable<string>>>(StringComparer.Ordinal)
        {
            ["appId"] = principal => [principal.AppId],
            ["id"] = principal => [principal.ObjectId],
            ["displayName"] = principal => [principal.DisplayName],
            ["servicePrincipalNames"] = principal => DirectoryContract.Names(principal, call.Directory),
            ["alternativeNames"] = principal => principal.AlternativeNames,
            ["servicePrincipalType"] = principal => [principal.Kind.ToString()],
            ["accountEnabled"] = principal => [principal.Enabled ? "true" : "false"],
            ["appOwnerOrganizationId"] = principal => call.Directory.ApplicationByAppId(principal.AppId) is { } home ? [home.TenantId] : [],
        }).Parse(call.Query("$filter"));
        return GraphPage.Of(call, address.Origin, "servicePrincipals",
            call.Directory.Principals.Values.Where(principal => call.Mine(principal.TenantId) && filter(principal)),
            principal => principal.ObjectId, principal => DirectoryContract.Of(principal, call.Directory));
    }

    private static GraphAnswer Show(GraphCall call, ServicePrincipal principal) => GraphPage.Select(call, DirectoryContract.Of(principal, call.Directory));

    private GraphAnswer Create(GraphCall call, DirectoryTransaction change)
    {
        var body = call.Body;
        var kind = body.Text("servicePrincipalType") ?? nameof(PrincipalKind.Application);
        var made = new ServicePrincipal(
            call.TenantId, Guid.NewGuid().ToString(), Guid.NewGuid().ToString(), PrincipalKind.Application, "", body.Flag("accountEnabled") ?? true,
            time.GetUtcNow(), body.Texts("alternativeNames") ?? [], body.Texts("servicePrincipalNames") ?? [], [], Credentials.None,
            Properties: body.Others("{}", Meant));
        return kind switch
        {
            nameof(PrincipalKind.Application) => ForApplication(call, change, made),
            nameof(PrincipalKind.ManagedIdentity) => ForResource(call, change, made),
            _ => GraphError.BadRequest("Property 'servicePrincipalType' must be Application or ManagedIdentity."),
        };
    }

    private static GraphAnswer ForApplication(GraphCall call, DirectoryTransaction change, ServicePrincipal made)
    {
        var appId = call.Body.RequiredText("appId");
        if (change.State.ApplicationByAppId(appId) is not { } application || (!call.Mine(application.TenantId) && !application.IsForManyTenants()))
        {
            return GraphError.BadRequest($"The appId '{appId}' of the service principal does not reference a valid application object.");
        }

        if (change.State.PrincipalByAppId(call.TenantId, application.AppId) is not null)
        {
            return GraphError.Conflict(
                $"The service principal cannot be created, updated, or restored because the service principal name {appId} is already in use.");
        }

        made = made with
        {
            AppId = application.AppId,
            DisplayName = application.DisplayName,
            Names = [.. made.Names.Except([application.AppId, .. application.IdentifierUris], StringComparer.OrdinalIgnoreCase)],
        };
        change.Put(made);
        return GraphAnswer.Created(DirectoryContract.Of(made, change.State));
    }

    private static GraphAnswer ForResource(GraphCall call, DirectoryTransaction change, ServicePrincipal made)
    {
        if (made.OwningResource is not { } resource || !resource.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase))
        {
            return GraphError.BadRequest("Property 'alternativeNames' must hold the ARM id of the resource that the managed identity belongs to.");
        }

        if (change.State.PrincipalByResource(call.TenantId, resource) is { } there)
        {
            return DirectoryContract.Of(there, change.State);
        }

        made = made with
        {
            Kind = PrincipalKind.ManagedIdentity,
            DisplayName = call.Body.Text("displayName") ?? resource[(resource.LastIndexOf('/') + 1)..],
        };
        change.Put(made);
        return GraphAnswer.Created(DirectoryContract.Of(made, change.State));
    }

    private static GraphAnswer Update(GraphCall call, DirectoryTransaction change)
    {
        if (Find(call, change.State) is not { } principal)
        {
            return Missing(call);
        }

        change.Put(principal with
        {
            DisplayName = call.Body.Text("displayName") ?? principal.DisplayName,
            Enabled = call.Body.Flag("accountEnabled") ?? principal.Enabled,
            AlternativeNames = principal.Kind == PrincipalKind.Application
                ? call.Body.Texts("alternativeNames") ?? principal.AlternativeNames
                : principal.AlternativeNames,
            Credentials = CredentialPatch.Apply(call.Body, principal.Credentials),
            Properties = call.Body.Others(principal.Properties, Meant),
        });
        return GraphAnswer.NoContent;
    }

    private static GraphAnswer Delete(GraphCall call, DirectoryTransaction change)
    {
        if (Find(call, change.State) is not { } principal)
        {
            return Missing(call);
        }

        change.Remove(principal);
        return GraphAnswer.NoContent;
    }
}
