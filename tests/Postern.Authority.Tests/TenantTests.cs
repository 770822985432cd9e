using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Postern.Authority.Tests;

public sealed class TenantTests
{
    private const string Scope = "https://azure-api.net/configuration/.default";
    private const string OtherTenant = "66666666-6666-6666-6666-666666666666";

    private static readonly SeedApplication OtherOperator = new(
        "77777777-7777-7777-7777-777777777777", "other operator", "88888888-8888-8888-8888-888888888888", "other secret", DirectoryWriter: true);

    [Fact]
    public async Task Each_tenant_has_its_own_issuer_and_sees_its_own_directory()
    {
        await using var authority = await StartAsync();
        var token = await OtherTokenAsync(authority, $"{authority.Origin}/.default");

        var claims = TokenReader.Claims(token);
        var seen = (await new GraphClient(authority.Http, token).GetAsync("/servicePrincipals")).Body["value"]!.AsArray();

        Assert.Equal($"{authority.Origin}/{OtherTenant}/v2.0", claims["iss"]!.GetValue<string>());
        Assert.Equal(OtherTenant, claims["tid"]!.GetValue<string>());
        Assert.Equal("other operator", Assert.Single(seen)!["displayName"]!.GetValue<string>());
        Assert.Equal(404, (await new GraphClient(authority.Http, token).GetAsync($"/servicePrincipals/{TestAuthority.Reader.ObjectId}")).Status);
    }

    [Fact]
    public async Task A_client_of_one_tenant_is_unknown_in_another()
    {
        await using var authority = await StartAsync();

        using var answer = await authority.PostTokenAsync(TestAuthority.Form(TestAuthority.Reader, Scope), OtherTenant);

        Assert.Equal(700016, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["error_codes"]![0]!.GetValue<int>());
    }

    [Fact]
    public async Task Only_an_application_for_many_tenants_can_be_taken_into_another()
    {
        await using var authority = await StartAsync();
        var home = await authority.GraphAsync(TestAuthority.Operator);
        var other = new GraphClient(authority.Http, await OtherTokenAsync(authority, $"{authority.Origin}/.default"));
        var id = (await home.GetAsync($"/applications(appId='{TestAuthority.Reader.ClientId}')")).Body["id"];

        Assert.Equal(400, (await other.PostAsync("/servicePrincipals", new { appId = TestAuthority.Reader.ClientId })).Status);
        await home.SendAsync(HttpMethod.Patch, $"/applications/{id}", new { signInAudience = "AzureADMultipleOrgs" });
        Assert.Equal(201, (await other.PostAsync("/servicePrincipals", new { appId = TestAuthority.Reader.ClientId })).Status);

        using var answer = await authority.PostTokenAsync(TestAuthority.Form(TestAuthority.Reader, Scope), OtherTenant);
        var claims = TokenReader.Claims((await answer.Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!.GetValue<string>());
        Assert.Equal(OtherTenant, claims["tid"]!.GetValue<string>());
        Assert.NotEqual(TestAuthority.Reader.ObjectId, claims["oid"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("with/slash", "a", "b")]
    [InlineData("", "a", "b")]
    [InlineData("tenant", "", "b")]
    [InlineData("tenant", "a", "b c")]
    public async Task A_seed_whose_ids_are_none_is_refused(string tenant, string client, string id)
    {
        var refused = await Assert.ThrowsAsync<AuthorityException>(
            () => TestAuthority.StartAsync(seed: new(tenant, [new(client, "x", id, null, false)])));

        Assert.Equal("A463", refused.Diagnostic);
    }

    private static Task<TestAuthority> StartAsync() => TestAuthority.StartAsync(moreTenants: new AuthoritySeed(OtherTenant, [OtherOperator]));

    private static async Task<string> OtherTokenAsync(TestAuthority authority, string scope)
    {
        using var answer = await authority.PostTokenAsync(TestAuthority.Form(OtherOperator, scope), OtherTenant);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!.GetValue<string>();
    }
}
