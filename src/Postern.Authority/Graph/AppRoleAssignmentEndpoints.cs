using System.Text.Json.Nodes;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary><c>/v1.0/servicePrincipals/{id}/appRoleAssignments</c>: the app roles that a principal has at resources, its <c>roles</c> claim.</summary>
internal sealed class AppRoleAssignmentEndpoints(TimeProvider time)
{
    private const string Path = "/servicePrincipals/{id}/appRoleAssignments";
    private const int MaxPerPrincipal = 200;

    public void Map(GraphRoutes routes)
    {
        routes.Read("GET", Path, call => ServicePrincipalEndpoints.Find(call, call.Directory) is { } principal
            ? new JsonObject { ["value"] = new JsonArray([.. principal.Roles.Select(assignment => Contract(assignment, principal, call.Directory))]) }
            : ServicePrincipalEndpoints.Missing(call));
        routes.Write("POST", Path, Create);
        routes.Write("DELETE", Path + "/{assignment}", Delete);
    }

    private GraphAnswer Create(GraphCall call, DirectoryTransaction change)
    {
        if (ServicePrincipalEndpoints.Find(call, change.State) is not { } principal)
        {
            return ServicePrincipalEndpoints.Missing(call);
        }

        if (!string.Equals(call.Body.Text("principalId") ?? principal.ObjectId, principal.ObjectId, StringComparison.OrdinalIgnoreCase))
        {
            return GraphError.BadRequest("Property 'principalId' must be the principal that the address names.");
        }

        var resourceId = call.Body.RequiredText("resourceId");
        var resource = change.State.Principals.GetValueOrDefault(resourceId);
        if (resource is null || !call.Mine(resource.TenantId))
        {
            return GraphError.NotFound(resourceId);
        }

        var roleId = call.Body.RequiredText("appRoleId");
        if (change.State.ApplicationByAppId(resource.AppId)?.Roles.Any(role => string.Equals(role.Id, roleId, StringComparison.OrdinalIgnoreCase)) != true)
        {
            return GraphError.BadRequest($"Permission being assigned was not found on application '{resource.AppId}'.");
        }

        if (principal.Roles.Any(other => Same(other.ResourceId, resource.ObjectId) && Same(other.AppRoleId, roleId)) || principal.Roles.Length >= MaxPerPrincipal)
        {
            return GraphError.BadRequest($"Permission being assigned already exists on the object, or the object has {MaxPerPrincipal} of them.");
        }

        var made = new AppRoleAssignment(Guid.NewGuid().ToString(), resource.ObjectId, roleId, time.GetUtcNow());
        change.Put(principal with { Roles = principal.Roles.Add(made) });
        return GraphAnswer.Created(Contract(made, principal, change.State));
    }

    private static GraphAnswer Delete(GraphCall call, DirectoryTransaction change)
    {
        if (ServicePrincipalEndpoints.Find(call, change.State) is not { } principal
            || principal.Roles.FirstOrDefault(each => Same(each.Id, call.Route("assignment"))) is not { } assignment)
        {
            return GraphError.NotFound(call.Route("assignment"));
        }

        change.Put(principal with { Roles = principal.Roles.Remove(assignment) });
        return GraphAnswer.NoContent;
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static JsonObject Contract(AppRoleAssignment assignment, ServicePrincipal principal, DirectoryState directory) => new()
    {
        ["id"] = assignment.Id,
        ["appRoleId"] = assignment.AppRoleId,
        ["createdDateTime"] = CredentialContract.Time(assignment.Created),
        ["principalDisplayName"] = principal.DisplayName,
        ["principalId"] = principal.ObjectId,
        ["principalType"] = "ServicePrincipal",
        ["resourceDisplayName"] = directory.Principals.GetValueOrDefault(assignment.ResourceId)?.DisplayName,
        ["resourceId"] = assignment.ResourceId,
    };
}
