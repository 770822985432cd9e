using System.Text.Json.Nodes;

namespace Postern.Authority.Tests.Graph;

public sealed class ServicePrincipalTests
{
    private const string Service = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso";

    [Fact]
    public async Task A_resource_has_one_managed_identity_however_often_it_is_asked_for()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);

        var made = await graph.PostAsync("/servicePrincipals", Identity(Service));
        var again = await graph.PostAsync("/servicePrincipals", Identity(Service.ToUpperInvariant().Replace("/SUBSCRIPTIONS/", "/subscriptions/", StringComparison.Ordinal)));

        Assert.Equal((201, 200), (made.Status, again.Status));
        Assert.Equal(made.Body["id"]!.GetValue<string>(), again.Body["id"]!.GetValue<string>());
        Assert.Equal("ManagedIdentity", made.Body["servicePrincipalType"]!.GetValue<string>());
        Assert.Equal("contoso", made.Body["displayName"]!.GetValue<string>());
        Assert.NotEmpty(made.Body["servicePrincipalNames"]!.AsArray());
        var found = (await graph.GetAsync($"/servicePrincipals?$filter=alternativeNames/any(n:n eq '{Service}')")).Body["value"]!.AsArray();
        Assert.Equal(made.Body["id"]!.GetValue<string>(), Assert.Single(found)!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_managed_identity_without_a_resource_is_refused()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);

        var refused = await graph.PostAsync("/servicePrincipals", new { servicePrincipalType = "ManagedIdentity", displayName = "x" });

        Assert.Equal(400, refused.Status);
    }

    [Fact]
    public async Task A_deleted_resource_makes_room_for_a_new_identity()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var first = (await graph.PostAsync("/servicePrincipals", Identity(Service))).Body["id"]!.GetValue<string>();

        Assert.Equal(204, (await graph.SendAsync(HttpMethod.Delete, $"/servicePrincipals/{first}", null)).Status);

        Assert.Equal(404, (await graph.GetAsync($"/servicePrincipals/{first}")).Status);
        var second = await graph.PostAsync("/servicePrincipals", Identity(Service));
        Assert.Equal(201, second.Status);
        Assert.NotEqual(first, second.Body["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task Objects_are_found_by_their_ids_with_their_types()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Reader);

        var found = (await graph.PostAsync("/directoryObjects/getByIds", new
        {
            ids = new[] { TestAuthority.Reader.ObjectId, TestAuthority.Reader.ObjectId, "99999999-9999-9999-9999-999999999999" },
            types = new[] { "user", "group", "servicePrincipal", "directoryObjectPartnerReference" },
        })).Body["value"]!.AsArray();
        var groups = (await graph.PostAsync("/directoryObjects/getByIds", new { ids = new[] { TestAuthority.Reader.ObjectId }, types = new[] { "group" } })).Body;

        var only = Assert.Single(found)!;
        Assert.Equal("#microsoft.graph.servicePrincipal", only["@odata.type"]!.GetValue<string>());
        Assert.Equal(TestAuthority.Reader.ObjectId, only["id"]!.GetValue<string>());
        Assert.Empty(groups["value"]!.AsArray());
    }

    [Fact]
    public async Task A_client_id_is_an_address_too_and_a_selection_is_kept()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Reader);

        var (_, found) = await graph.GetAsync($"/servicePrincipals(appId='{TestAuthority.Reader.ClientId}')?$select=id,displayName");

        Assert.Equal(["id", "displayName"], found.Select(member => member.Key));
        Assert.Equal(TestAuthority.Reader.ObjectId, found["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task Pages_follow_one_another_without_gap_or_repetition()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        for (var number = 0; number < 5; number++)
        {
            await graph.PostAsync("/servicePrincipals", Identity($"{Service}{number}"));
        }

        var names = new List<string>();
        string? next = "/servicePrincipals?$top=3&$count=true&$filter=servicePrincipalType eq 'ManagedIdentity'";
        while (next is not null)
        {
            var (status, page) = await graph.GetAsync(next);
            Assert.Equal(200, status);
            Assert.Equal(5, page["@odata.count"]!.GetValue<int>());
            names.AddRange(page["value"]!.AsArray().Select(item => item!["displayName"]!.GetValue<string>()));
            next = page["@odata.nextLink"]?.GetValue<string>();
        }

        Assert.Equal(["contoso0", "contoso1", "contoso2", "contoso3", "contoso4"], names.Order(StringComparer.Ordinal));
    }

    private static JsonObject Identity(string resource) => new()
    {
        ["servicePrincipalType"] = "ManagedIdentity",
        ["displayName"] = resource[(resource.LastIndexOf('/') + 1)..],
        ["alternativeNames"] = new JsonArray("isExplicit=False", resource),
    };
}
