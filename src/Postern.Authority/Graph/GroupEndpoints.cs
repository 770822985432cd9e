using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary><c>/v1.0/groups</c>: security groups of service principals and of groups.</summary>
internal sealed class GroupEndpoints(AuthorityAddress address, TimeProvider time)
{
    private static readonly GraphFilter<DirectoryGroup> Filter = new(new Dictionary<string, Func<DirectoryGroup, IEnumerable<string>>>(StringComparer.Ordinal)
    {
        ["id"] = group => [group.ObjectId],
        ["displayName"] = group => [group.DisplayName],
        ["mailNickname"] = group => [group.MailNickname],
        ["securityEnabled"] = _ => ["true"],
    });

    public void Map(GraphRoutes routes)
    {
        routes.Read("GET", "/groups", List);
        routes.Read("GET", "/groups/{id}", call => Find(call, call.Directory) is { } group ? GraphPage.Select(call, DirectoryContract.Of(group)) : Missing(call));
        routes.Read("GET", "/groups/{id}/owners", call => Find(call, call.Directory) is null ? Missing(call) : new JsonObject { ["value"] = new JsonArray() });
        routes.Read("GET", "/groups/{id}/members", call => Members(call, group => group.Members));
        routes.Read("GET", "/groups/{id}/transitiveMembers", call => Members(call, group => Transitive(group, call.Directory)));
        routes.Write("POST", "/groups", Create);
        routes.Write("PATCH", "/groups/{id}", Update);
        routes.Write("DELETE", "/groups/{id}", Delete);
        routes.Write("POST", "/groups/{id}/members/$ref", AddMember);
        routes.Write("DELETE", "/groups/{id}/members/{member}/$ref", RemoveMember);
    }

    private static DirectoryGroup? Find(GraphCall call, DirectoryState directory) =>
        directory.Groups.GetValueOrDefault(call.Route("id")) is { } group && call.Mine(group.TenantId) ? group : null;

    private static GraphError Missing(GraphCall call) => GraphError.NotFound(call.Route("id"));

    private GraphAnswer List(GraphCall call)
    {
        var filter = Filter.Parse(call.Query("$filter"));
        return GraphPage.Of(call, address.Origin, "groups", call.Directory.Groups.Values.Where(group => call.Mine(group.TenantId) && filter(group)),
            group => group.ObjectId, DirectoryContract.Of);
    }

    private GraphAnswer Members(GraphCall call, Func<DirectoryGroup, IEnumerable<string>> members) => Find(call, call.Directory) is { } group
        ? GraphPage.Of(call, address.Origin, "directoryObjects",
            members(group).Select(id => DirectoryContract.Any(id, call.TenantId, call.Directory)).OfType<JsonObject>(),
            item => item["id"]!.GetValue<string>(), item => item)
        : Missing(call);

    private static HashSet<string> Transitive(DirectoryGroup group, DirectoryState directory)
    {
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var left = new Stack<DirectoryGroup>([group]);
        while (left.TryPop(out var next))
        {
            foreach (var member in next.Members.Where(found.Add))
            {
                if (directory.Groups.TryGetValue(member, out var inner))
                {
                    left.Push(inner);
                }
            }
        }

        return found;
    }

    private GraphAnswer Create(GraphCall call, DirectoryTransaction change)
    {
        var body = call.Body;
        if (body.Flag("mailEnabled") == true || body.Flag("securityEnabled") == false)
        {
            return GraphError.BadRequest("Only security groups are offered: securityEnabled must be true and mailEnabled false.");
        }

        var made = new DirectoryGroup(
            call.TenantId, Guid.NewGuid().ToString(), body.RequiredText("displayName"), body.RequiredText("mailNickname", 64), body.Text("description"),
            time.GetUtcNow(), ImmutableSortedSet.Create<string>(StringComparer.OrdinalIgnoreCase));
        foreach (var reference in body.Texts("members@odata.bind") ?? [])
        {
            if (Member(reference, call, change.State) is not { } member)
            {
                return GraphError.NotFound(reference);
            }

            made = made with { Members = made.Members.Add(member) };
        }

        change.Put(made);
        return GraphAnswer.Created(DirectoryContract.Of(made));
    }

    private static GraphAnswer Update(GraphCall call, DirectoryTransaction change)
    {
        if (Find(call, change.State) is not { } group)
        {
            return Missing(call);
        }

        change.Put(group with
        {
            DisplayName = call.Body.ContainsKey("displayName") ? call.Body.RequiredText("displayName") : group.DisplayName,
            Description = call.Body.ContainsKey("description") ? call.Body.Text("description") : group.Description,
        });
        return GraphAnswer.NoContent;
    }

    private static GraphAnswer Delete(GraphCall call, DirectoryTransaction change)
    {
        if (Find(call, change.State) is not { } group)
        {
            return Missing(call);
        }

        change.Remove(group);
        return GraphAnswer.NoContent;
    }

    private static GraphAnswer AddMember(GraphCall call, DirectoryTransaction change)
    {
        if (Find(call, change.State) is not { } group)
        {
            return Missing(call);
        }

        var reference = call.Body.RequiredText("@odata.id", maxLength: 2048);
        if (Member(reference, call, change.State) is not { } member)
        {
            return GraphError.NotFound(reference);
        }

        if (group.Members.Contains(member))
        {
            return GraphError.BadRequest("One or more added object references already exist for the following modified properties: 'members'.");
        }

        change.Put(group with { Members = group.Members.Add(member) });
        return GraphAnswer.NoContent;
    }

    private static GraphAnswer RemoveMember(GraphCall call, DirectoryTransaction change)
    {
        if (Find(call, change.State) is not { } group || !group.Members.Contains(call.Route("member")))
        {
            return Missing(call);
        }

        change.Put(group with { Members = group.Members.Remove(call.Route("member")) });
        return GraphAnswer.NoContent;
    }

    /// <summary>The object that an address such as <c>https://…/directoryObjects/{id}</c> ends in, if it can be a member.</summary>
    private static string? Member(string reference, GraphCall call, DirectoryState directory)
    {
        var id = reference[(reference.LastIndexOf('/') + 1)..];
        return directory.Principals.GetValueOrDefault(id) is { } principal && call.Mine(principal.TenantId) ? principal.ObjectId
            : directory.Groups.GetValueOrDefault(id) is { } group && call.Mine(group.TenantId) ? group.ObjectId
            : null;
    }
}
