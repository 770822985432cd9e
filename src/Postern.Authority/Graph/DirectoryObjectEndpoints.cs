using System.Text.Json.Nodes;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary>
/// <c>/v1.0/directoryObjects</c>: objects by id whatever their type, and the groups that they are in. The membership questions are
/// answered under the typed addresses (<c>/servicePrincipals/{id}/getMemberGroups</c>) too.
/// </summary>
internal sealed class DirectoryObjectEndpoints(AuthorityAddress address)
{
    private const int MaxIds = 1000;

    public void Map(GraphRoutes routes)
    {
        routes.Read("POST", "/directoryObjects/getByIds", GetByIds);
        routes.Read("GET", "/directoryObjects/{id}", call => Find(call) is { } found ? GraphPage.Select(call, found) : GraphError.NotFound(call.Route("id")));
        foreach (var type in (string[])["directoryObjects", "servicePrincipals", "groups"])
        {
            routes.Read("POST", $"/{type}/{{id}}/getMemberGroups", MemberGroups);
            routes.Read("POST", $"/{type}/{{id}}/getMemberObjects", MemberGroups);
            routes.Read("POST", $"/{type}/{{id}}/checkMemberGroups", CheckMemberGroups);
            routes.Read("GET", $"/{type}/{{id}}/transitiveMemberOf", call => MemberOf(call, transitive: true));
            routes.Read("GET", $"/{type}/{{id}}/memberOf", call => MemberOf(call, transitive: false));
        }
    }

    private static JsonObject? Find(GraphCall call) => DirectoryContract.Any(call.Route("id"), call.TenantId, call.Directory);

    private static GraphAnswer GetByIds(GraphCall call)
    {
        var ids = call.Body.Texts("ids", MaxIds) ?? throw new GraphBodyException("A value is required for property 'ids'.");
        var types = call.Body.Texts("types");
        var found = ids.Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(id => DirectoryContract.Any(id, call.TenantId, call.Directory))
            .OfType<JsonObject>()
            .Where(item => types is not { Length: > 0 }
                || types.Value.Any(type => string.Equals($"#microsoft.graph.{type}", item["@odata.type"]!.GetValue<string>(), StringComparison.OrdinalIgnoreCase)
                    || string.Equals(type, "directoryObject", StringComparison.OrdinalIgnoreCase)));
        return new JsonObject { ["value"] = new JsonArray([.. found]) };
    }

    private static GraphAnswer MemberGroups(GraphCall call) =>
        Find(call) is null ? GraphError.NotFound(call.Route("id")) : Ids(call.Directory.GroupsOf(call.Route("id")));

    private static GraphAnswer CheckMemberGroups(GraphCall call)
    {
        var asked = call.Body.Texts("groupIds", MaxIds) ?? throw new GraphBodyException("A value is required for property 'groupIds'.");
        return Find(call) is null
            ? GraphError.NotFound(call.Route("id"))
            : Ids(call.Directory.GroupsOf(call.Route("id")).Intersect(asked, StringComparer.OrdinalIgnoreCase));
    }

    private GraphAnswer MemberOf(GraphCall call, bool transitive) => Find(call) is null
        ? GraphError.NotFound(call.Route("id"))
        : GraphPage.Of(call, address.Origin, "directoryObjects", call.Directory.GroupsOf(call.Route("id"), transitive), id => id,
            id => DirectoryContract.Any(id, call.TenantId, call.Directory)!);

    private static GraphAnswer Ids(IEnumerable<string> ids) =>
        new JsonObject { ["value"] = new JsonArray([.. ids.Order(StringComparer.OrdinalIgnoreCase).Select(id => JsonValue.Create(id))]) };
}
