using System.Text.Json.Nodes;

namespace Postern.Authority.Tests.Tokens;

public sealed class RolesAndGroupsTests
{
    [Fact]
    public async Task A_role_at_a_resource_is_in_tokens_for_that_resource_only()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var role = Guid.NewGuid().ToString();
        var application = (await graph.PostAsync("/applications", new
        {
            displayName = "orders",
            identifierUris = new[] { "api://orders" },
            appRoles = new[] { new { id = role, value = "Orders.Read", displayName = "Read", description = "Reads", isEnabled = true, allowedMemberTypes = new[] { "Application" } } },
        })).Body;
        var resource = (await graph.PostAsync("/servicePrincipals", new { appId = application["appId"]!.GetValue<string>() })).Body["id"]!.GetValue<string>();
        var path = $"/servicePrincipals/{TestAuthority.Reader.ObjectId}/appRoleAssignments";

        var made = await graph.PostAsync(path, new { principalId = TestAuthority.Reader.ObjectId, resourceId = resource, appRoleId = role });

        Assert.True(made.Status == 201, made.Body.ToJsonString());
        Assert.Equal(["Orders.Read"], Roles(await authority.TokenAsync(TestAuthority.Reader, "api://orders/.default")));
        Assert.Equal(["Orders.Read"], Roles(await authority.TokenAsync(TestAuthority.Reader, $"{application["appId"]}/.default")));
        Assert.Empty(Roles(await authority.TokenAsync(TestAuthority.Reader, "api://others/.default")));
        Assert.Empty(Roles(await authority.TokenAsync(TestAuthority.Operator, "api://orders/.default")));
        Assert.Equal(400, (await graph.PostAsync(path, new { resourceId = resource, appRoleId = role })).Status);
        Assert.Equal(400, (await graph.PostAsync(path, new { resourceId = resource, appRoleId = Guid.NewGuid() })).Status);

        Assert.Equal(204, (await graph.SendAsync(HttpMethod.Delete, $"{path}/{made.Body["id"]}", null)).Status);
        Assert.Empty(Roles(await authority.TokenAsync(TestAuthority.Reader, "api://orders/.default")));
    }

    [Fact]
    public async Task A_directory_writer_has_Graphs_role()
    {
        await using var authority = await TestAuthority.StartAsync();

        Assert.Equal(["Directory.ReadWrite.All"], Roles(await authority.TokenAsync(TestAuthority.Operator, $"{authority.Origin}/.default")));
        Assert.Empty(Roles(await authority.TokenAsync(TestAuthority.Reader, $"{authority.Origin}/.default")));
    }

    [Fact]
    public async Task Groups_are_in_the_token_when_the_application_asks_for_them()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var group = (await graph.PostAsync("/groups", new JsonObject
        {
            ["displayName"] = "g",
            ["mailNickname"] = "g",
            ["members@odata.bind"] = new JsonArray($"https://x/directoryObjects/{TestAuthority.Reader.ObjectId}"),
        })).Body["id"]!.GetValue<string>();
        Assert.Null(TokenReader.Claims(await authority.TokenAsync(TestAuthority.Reader, "https://x/.default"))["groups"]);

        var id = (await graph.GetAsync($"/applications(appId='{TestAuthority.Reader.ClientId}')")).Body["id"];
        Assert.Equal(204, (await graph.SendAsync(HttpMethod.Patch, $"/applications/{id}", new { groupMembershipClaims = "SecurityGroup" })).Status);

        var claims = TokenReader.Claims(await authority.TokenAsync(TestAuthority.Reader, "https://x/.default"));
        Assert.Equal(group, Assert.Single(claims["groups"]!.AsArray())!.GetValue<string>());
    }

    private static IEnumerable<string> Roles(string token) =>
        TokenReader.Claims(token)["roles"]?.AsArray().Select(role => role!.GetValue<string>()) ?? [];
}
