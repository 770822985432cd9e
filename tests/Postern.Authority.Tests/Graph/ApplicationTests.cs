using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Postern.Authority.Tests.Graph;

public sealed class ApplicationTests
{
    private const string Scope = "https://azure-api.net/configuration/.default";

    [Fact]
    public async Task A_new_application_logs_in_once_it_has_a_principal_and_a_password()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var application = (await graph.PostAsync("/applications", new { displayName = "gateway", signInAudience = "AzureADMyOrg" })).Body;
        var password = (await graph.PostAsync($"/applications/{application["id"]}/addPassword", new { passwordCredential = new { displayName = "first" } })).Body;
        var client = Client(application, password);

        using var early = await authority.PostTokenAsync(TestAuthority.Form(client, Scope));
        Assert.Equal(7000229, await CodeAsync(early));
        var principal = await graph.PostAsync("/servicePrincipals", new { appId = client.ClientId });

        Assert.Equal(201, principal.Status);
        var claims = TokenReader.Claims(await authority.TokenAsync(client, Scope));
        Assert.Equal(principal.Body["id"]!.GetValue<string>(), claims["oid"]!.GetValue<string>());
        Assert.NotEqual(application["id"]!.GetValue<string>(), claims["oid"]!.GetValue<string>());
        Assert.Equal(409, (await graph.PostAsync("/servicePrincipals", new { appId = client.ClientId })).Status);
    }

    [Fact]
    public async Task Several_passwords_count_side_by_side_and_each_can_be_taken_away_at_once()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var application = await NewAsync(graph);
        var first = (await graph.PostAsync($"/applications/{application["id"]}/addPassword", new { })).Body;
        var second = (await graph.PostAsync($"/applications/{application["id"]}/addPassword", new { })).Body;
        await authority.TokenAsync(Client(application, first), Scope);
        await authority.TokenAsync(Client(application, second), Scope);

        Assert.Equal(204, (await graph.PostAsync($"/applications/{application["id"]}/removePassword", new { keyId = first["keyId"]!.GetValue<string>() })).Status);

        using var refused = await authority.PostTokenAsync(TestAuthority.Form(Client(application, first), Scope));
        Assert.Equal(7000215, await CodeAsync(refused));
        await authority.TokenAsync(Client(application, second), Scope);
        var left = (await graph.GetAsync($"/applications/{application["id"]}")).Body["passwordCredentials"]!.AsArray();
        Assert.Null(Assert.Single(left)!["secretText"]);
    }

    [Fact]
    public async Task A_password_ends_when_it_was_said_to()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var application = await NewAsync(graph);
        var password = (await graph.PostAsync(
            $"/applications/{application["id"]}/addPassword",
            new { passwordCredential = new { endDateTime = authority.Clock.GetUtcNow().AddMinutes(10) } })).Body;
        var client = Client(application, password);
        await authority.TokenAsync(client, Scope);

        authority.Clock.Advance(TimeSpan.FromMinutes(10));

        using var refused = await authority.PostTokenAsync(TestAuthority.Form(client, Scope));
        Assert.Equal(401, (int)refused.StatusCode);
        Assert.Equal(7000222, await CodeAsync(refused));
    }

    [Theory]
    [InlineData(4, 200)]
    [InlineData(6, 401)]
    public async Task A_password_of_a_clock_that_is_a_little_ahead_counts_at_once(int minutes, int status)
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var application = await NewAsync(graph);
        var password = (await graph.PostAsync(
            $"/applications/{application["id"]}/addPassword",
            new { passwordCredential = new { startDateTime = authority.Clock.GetUtcNow().AddMinutes(minutes) } })).Body;

        using var answer = await authority.PostTokenAsync(TestAuthority.Form(Client(application, password), Scope));

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_password_of_the_past_is_refused()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var application = await NewAsync(graph);

        var refused = await graph.PostAsync($"/applications/{application["id"]}/addPassword", new { passwordCredential = new { endDateTime = "2001-01-01T00:00:00Z" } });

        Assert.Equal(400, refused.Status);
    }

    [Fact]
    public async Task A_principal_may_have_a_password_of_its_own()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var application = await NewAsync(graph);
        var principal = (await graph.GetAsync($"/servicePrincipals(appId='{application["appId"]}')")).Body["id"];

        var password = (await graph.PostAsync($"/servicePrincipals/{principal}/addPassword", new { })).Body;

        await authority.TokenAsync(Client(application, password), Scope);
    }

    [Fact]
    public async Task A_disabled_principal_hears_that_it_is_and_a_deleted_application_is_unknown()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var application = await NewAsync(graph);
        var client = Client(application, (await graph.PostAsync($"/applications/{application["id"]}/addPassword", new { })).Body);
        var principal = (await graph.GetAsync($"/servicePrincipals(appId='{application["appId"]}')")).Body["id"];

        await graph.SendAsync(HttpMethod.Patch, $"/servicePrincipals/{principal}", new { accountEnabled = false });
        using var disabled = await authority.PostTokenAsync(TestAuthority.Form(client, Scope));
        using var guess = await authority.PostTokenAsync(TestAuthority.Form(client with { Secret = "guess" }, Scope));
        await graph.SendAsync(HttpMethod.Delete, $"/applications/{application["id"]}", null);
        using var deleted = await authority.PostTokenAsync(TestAuthority.Form(client, Scope));

        Assert.Equal(7000112, await CodeAsync(disabled));
        Assert.Equal(7000215, await CodeAsync(guess));
        Assert.Equal(700016, await CodeAsync(deleted));
        Assert.Equal(404, (await graph.GetAsync($"/servicePrincipals/{principal}")).Status);
    }

    [Fact]
    public async Task Properties_without_a_meaning_here_read_back_as_they_were_set()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var application = (await graph.PostAsync("/applications", new { displayName = "web", web = new { redirectUris = new[] { "https://x/" } }, notes = "n" })).Body;

        await graph.SendAsync(HttpMethod.Patch, $"/applications/{application["id"]}", new { notes = "m", displayName = "renamed" });

        var now = (await graph.GetAsync($"/applications/{application["id"]}")).Body;
        Assert.Equal("https://x/", now["web"]!["redirectUris"]![0]!.GetValue<string>());
        Assert.Equal("m", now["notes"]!.GetValue<string>());
        Assert.Equal("renamed", now["displayName"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_identifier_URI_belongs_to_one_application()
    {
        await using var authority = await TestAuthority.StartAsync();
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        await graph.PostAsync("/applications", new { displayName = "a", identifierUris = new[] { "api://a" } });

        var second = await graph.PostAsync("/applications", new { displayName = "b", identifierUris = new[] { "API://A" } });

        Assert.Equal(400, second.Status);
        var found = (await graph.GetAsync("/applications?$filter=identifierUris/any(s:s eq 'api://a')")).Body["value"]!.AsArray();
        Assert.Equal("a", Assert.Single(found)!["displayName"]!.GetValue<string>());
    }

    private static async Task<JsonObject> NewAsync(GraphClient graph)
    {
        var application = (await graph.PostAsync("/applications", new { displayName = "client" })).Body;
        await graph.PostAsync("/servicePrincipals", new { appId = application["appId"]!.GetValue<string>() });
        return application;
    }

    private static SeedApplication Client(JsonObject application, JsonObject password) =>
        new(application["appId"]!.GetValue<string>(), "", "", password["secretText"]!.GetValue<string>(), false);

    private static async Task<int> CodeAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonObject>())!["error_codes"]![0]!.GetValue<int>();
}
