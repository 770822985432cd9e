using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary><c>/v1.0/applications</c>.</summary>
internal sealed class ApplicationEndpoints(AuthorityAddress address, TimeProvider time)
{
    private static readonly HashSet<string> Meant =
    [
        "id", "deletedDateTime", "appId", "createdDateTime", "displayName", "identifierUris", "appRoles", "keyCredentials", "passwordCredentials",
    ];

    public void Map(GraphRoutes routes)
    {
        routes.Read("GET", "/applications", List);
        routes.Read("GET", "/applications/{id}", Show);
        routes.Read("GET", "/applications(appId='{appId}')", Show);
        routes.Read("GET", "/applications/{id}/owners", call => Find(call, call.Directory) is null ? Missing(call) : new JsonObject { ["value"] = new JsonArray() });
        routes.Write("POST", "/applications", Create);
        routes.Write("PATCH", "/applications/{id}", Update);
        routes.Write("DELETE", "/applications/{id}", Delete);
    }

    /// <summary>By object id, or by the client id where the path has that.</summary>
    public static Application? Find(GraphCall call, DirectoryState directory)
    {
        var found = call.Route("appId") is { Length: > 0 } appId
            ? directory.ApplicationByAppId(appId)
            : directory.Applications.GetValueOrDefault(call.Route("id"));
        return found is not null && call.Mine(found.TenantId) ? found : null;
    }

    public static GraphError Missing(GraphCall call) => GraphError.NotFound(call.Route("id") is { Length: > 0 } id ? id : call.Route("appId"));

    private GraphAnswer List(GraphCall call)
    {
        var filter = new GraphFilter<Application>(new Dictionary<string, Func<Application, IEnumerable<string>>>(StringComparer.Ordinal)
        {
            ["appId"] = application => [application.AppId],
            ["id"] = application => [application.ObjectId],
            ["displayName"] = application => [application.DisplayName],
            ["identifierUris"] = application => application.IdentifierUris,
        }).Parse(call.Query("$filter"));
        return GraphPage.Of(call, address.Origin, "applications",
            call.Directory.Applications.Values.Where(application => call.Mine(application.TenantId) && filter(application)),
            application => application.ObjectId, DirectoryContract.Of);
    }

    private GraphAnswer Show(GraphCall call) =>
        Find(call, call.Directory) is { } application ? GraphPage.Select(call, DirectoryContract.Of(application)) : Missing(call);

    private GraphAnswer Create(GraphCall call, DirectoryTransaction change)
    {
        var made = new Application(
            call.TenantId, Guid.NewGuid().ToString(), Guid.NewGuid().ToString(), call.Body.RequiredText("displayName"), time.GetUtcNow(),
            [], [], Credentials.None);
        return Put(call, change, made) is { } error ? error : GraphAnswer.Created(DirectoryContract.Of(change.State.Applications[made.ObjectId]));
    }

    private static GraphAnswer Update(GraphCall call, DirectoryTransaction change)
    {
        if (Find(call, change.State) is not { } application)
        {
            return Missing(call);
        }

        return Put(call, change, application) is { } error ? error : GraphAnswer.NoContent;
    }

    private static GraphAnswer Delete(GraphCall call, DirectoryTransaction change)
    {
        if (Find(call, change.State) is not { } application)
        {
            return Missing(call);
        }

        // As in Entra, the service principal of the home tenant goes with its application.
        if (change.State.PrincipalByAppId(call.TenantId, application.AppId) is { } principal)
        {
            change.Remove(principal);
        }

        change.Remove(application);
        return GraphAnswer.NoContent;
    }

    private static GraphError? Put(GraphCall call, DirectoryTransaction change, Application application)
    {
        var body = call.Body;
        var uris = body.Texts("identifierUris") ?? application.IdentifierUris;
        if (uris.FirstOrDefault(uri => !Uri.TryCreate(uri, UriKind.Absolute, out _)) is { } wrong)
        {
            return GraphError.BadRequest($"The identifier URI '{wrong}' is not an absolute URI.");
        }

        if (uris.Any(uri => change.State.ApplicationByAudience(uri) is { } other && other.ObjectId != application.ObjectId)
            || uris.DistinctBy(uri => uri.TrimEnd('/'), StringComparer.OrdinalIgnoreCase).Count() < uris.Length)
        {
            return GraphError.BadRequest("Another object with the same value for property identifierUris already exists.");
        }

        var name = body.ContainsKey("displayName") ? body.RequiredText("displayName") : application.DisplayName;
        change.Put(application with
        {
            DisplayName = name,
            IdentifierUris = uris,
            Roles = Roles(body) ?? application.Roles,
            Credentials = CredentialPatch.Apply(body, application.Credentials),
            Properties = body.Others(application.Properties, Meant),
        });
        if (change.State.PrincipalByAppId(application.TenantId, application.AppId) is { } principal && principal.DisplayName != name)
        {
            change.Put(principal with { DisplayName = name });
        }

        return null;
    }

    private static ImmutableArray<AppRole>? Roles(JsonObject body) => body.Objects("appRoles")?.Select(role => new AppRole(
        Guid.TryParse(role.Text("id"), out var id) ? id.ToString() : throw new GraphBodyException("The id of an app role must be a GUID."),
        role.RequiredText("value"),
        role.Text("displayName"),
        role.Text("description"),
        role.Texts("allowedMemberTypes") ?? [],
        role.Flag("isEnabled") ?? true)).ToImmutableArray();
}
