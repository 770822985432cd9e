using System.Text.Json.Nodes;

namespace Postern.Authority.Tests.Graph;

public sealed class GroupTests
{
    [Fact]
    public async Task Membership_goes_through_groups_of_groups_and_survives_circles()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var inner = await NewAsync(graph, "inner");
        var outer = await NewAsync(graph, "outer");
        Assert.Equal(204, await AddAsync(graph, inner, TestAuthority.Reader.ObjectId));
        Assert.Equal(204, await AddAsync(graph, outer, inner));
        Assert.Equal(204, await AddAsync(graph, inner, outer));

        var groups = await graph.PostAsync($"/directoryObjects/{TestAuthority.Reader.ObjectId}/getMemberGroups", new { securityEnabledOnly = false });
        var transitive = await graph.GetAsync($"/directoryObjects/{TestAuthority.Reader.ObjectId}/transitiveMemberOf");
        var direct = await graph.GetAsync($"/servicePrincipals/{TestAuthority.Reader.ObjectId}/memberOf");
        var members = await graph.GetAsync($"/groups/{outer}/transitiveMembers");

        Assert.Equal(Sorted(inner, outer), groups.Body["value"]!.AsArray().Select(id => id!.GetValue<string>()));
        Assert.Equal(Sorted(inner, outer), Ids(transitive.Body));
        Assert.Equal([inner], Ids(direct.Body));
        Assert.Contains(TestAuthority.Reader.ObjectId, Ids(members.Body));
        Assert.All(transitive.Body["value"]!.AsArray(), item => Assert.Equal("#microsoft.graph.group", item!["@odata.type"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Leaving_and_deleting_end_the_membership()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var (left, deleted) = (await NewAsync(graph, "left"), await NewAsync(graph, "deleted"));
        await AddAsync(graph, left, TestAuthority.Reader.ObjectId);
        await AddAsync(graph, deleted, TestAuthority.Reader.ObjectId);

        await graph.SendAsync(HttpMethod.Delete, $"/groups/{left}/members/{TestAuthority.Reader.ObjectId}/$ref", null);
        await graph.SendAsync(HttpMethod.Delete, $"/groups/{deleted}", null);

        var groups = await graph.PostAsync($"/directoryObjects/{TestAuthority.Reader.ObjectId}/getMemberGroups", new { });
        Assert.Empty(groups.Body["value"]!.AsArray());
        Assert.Equal(404, (await graph.GetAsync($"/groups/{deleted}")).Status);
    }

    [Fact]
    public async Task A_member_is_added_once_and_must_exist()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var group = await NewAsync(graph, "group");

        Assert.Equal(204, await AddAsync(graph, group, TestAuthority.Reader.ObjectId));
        Assert.Equal(400, await AddAsync(graph, group, TestAuthority.Reader.ObjectId));
        Assert.Equal(404, await AddAsync(graph, group, "99999999-9999-9999-9999-999999999999"));
    }

    [Fact]
    public async Task A_group_with_an_unknown_member_is_not_made()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);

        var refused = await graph.PostAsync("/groups", new JsonObject
        {
            ["displayName"] = "half",
            ["mailNickname"] = "half",
            ["members@odata.bind"] = new JsonArray("https://x/directoryObjects/99999999-9999-9999-9999-999999999999"),
        });

        Assert.Equal(404, refused.Status);
        Assert.Empty((await graph.GetAsync("/groups?$filter=displayName eq 'half' and mailNickname eq 'half'")).Body["value"]!.AsArray());
    }

    private static async Task<string> NewAsync(GraphClient graph, string name) =>
        (await graph.PostAsync("/groups", new { displayName = name, mailNickname = name, mailEnabled = false, securityEnabled = true })).Body["id"]!.GetValue<string>();

    private static async Task<int> AddAsync(GraphClient graph, string group, string member) =>
        (await graph.PostAsync($"/groups/{group}/members/$ref", new Dictionary<string, string> { ["@odata.id"] = $"https://graph/v1.0/directoryObjects/{member}" })).Status;

    private static IEnumerable<string> Ids(JsonObject list) => list["value"]!.AsArray().Select(item => item!["id"]!.GetValue<string>()).Order(StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> Sorted(params string[] ids) => ids.Order(StringComparer.OrdinalIgnoreCase);
}
