using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Postern.Authority.Tests.Tokens;

public sealed class SecretLoginTests(SharedAuthority shared) : IClassFixture<SharedAuthority>
{
    private const string Audience = "https://azure-api.net/configuration";

    [Fact]
    public async Task Azure_Identity_gets_a_token_with_a_client_secret()
    {
        var authority = shared.Authority;
        using var http = new HttpClient(authority.NewHandler());
        var credential = new ClientSecretCredential(
            TestAuthority.Tenant, TestAuthority.Reader.ClientId, TestAuthority.Reader.Secret,
            new ClientSecretCredentialOptions { AuthorityHost = authority.Server.Address, DisableInstanceDiscovery = true, Transport = new HttpClientTransport(http) });

        var token = await credential.GetTokenAsync(new TokenRequestContext([Audience + "/.default"]), TestContext.Current.CancellationToken);

        var claims = TokenReader.Claims(token.Token);
        Assert.Equal(Audience, claims["aud"]!.GetValue<string>());

        // The client reckons with its own clock, which goes on while the authority's stands still.
        Assert.InRange(token.ExpiresOn.ToUnixTimeSeconds() - claims["exp"]!.GetValue<long>(), -5, 600);
    }

    [Fact]
    public async Task Azure_Identity_is_told_why_a_secret_is_refused()
    {
        var authority = shared.Authority;
        using var http = new HttpClient(authority.NewHandler());
        var credential = new ClientSecretCredential(
            TestAuthority.Tenant, TestAuthority.Reader.ClientId, "not it",
            new ClientSecretCredentialOptions { AuthorityHost = authority.Server.Address, DisableInstanceDiscovery = true, Transport = new HttpClientTransport(http) });

        var refused = await Assert.ThrowsAsync<AuthenticationFailedException>(
            async () => await credential.GetTokenAsync(new TokenRequestContext([Audience + "/.default"]), TestContext.Current.CancellationToken));

        Assert.Contains("AADSTS7000215", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_has_Entras_claims_and_a_signature_of_the_published_key()
    {
        var authority = shared.Authority;

        var token = await authority.TokenAsync(TestAuthority.Reader, Audience + "/.default");

        var configuration = await authority.Http.GetFromJsonAsync<JsonObject>($"/{TestAuthority.Tenant}/v2.0/.well-known/openid-configuration");
        var keys = await authority.Http.GetFromJsonAsync<JsonObject>(configuration!["jwks_uri"]!.GetValue<string>());
        Assert.True(TokenReader.IsSignedBy(token, keys!));
        Assert.Equal("RS256", TokenReader.Header(token)["alg"]!.GetValue<string>());
        var claims = TokenReader.Claims(token);
        Assert.Equal(configuration["issuer"]!.GetValue<string>(), claims["iss"]!.GetValue<string>());
        Assert.Equal(TestAuthority.Tenant, claims["tid"]!.GetValue<string>());
        Assert.Equal(TestAuthority.Reader.ObjectId, claims["oid"]!.GetValue<string>());
        Assert.Equal(TestAuthority.Reader.ObjectId, claims["sub"]!.GetValue<string>());
        Assert.Equal(TestAuthority.Reader.ClientId, claims["appid"]!.GetValue<string>());
        Assert.Equal(TestAuthority.Reader.ClientId, claims["azp"]!.GetValue<string>());
        Assert.Equal("1", claims["azpacr"]!.GetValue<string>());
        Assert.Equal("app", claims["idtyp"]!.GetValue<string>());
        Assert.Equal("2.0", claims["ver"]!.GetValue<string>());
        Assert.Null(claims["roles"]);
        Assert.Equal(authority.Clock.GetUtcNow().ToUnixTimeSeconds() + 3599, claims["exp"]!.GetValue<long>());
        Assert.True(claims["nbf"]!.GetValue<long>() <= authority.Clock.GetUtcNow().ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData("https://localhost:8443//.default", "https://localhost:8443/")]
    [InlineData("https://localhost:8443/.default", "https://localhost:8443")]
    [InlineData("https://management.azure.com//.default", "https://management.azure.com/")]
    [InlineData("api://billing/.default", "api://billing")]
    public async Task The_audience_is_the_scope_less_its_suffix(string scope, string audience)
    {
        var authority = shared.Authority;

        var token = await authority.TokenAsync(TestAuthority.Reader, scope);

        Assert.Equal(audience, TokenReader.Claims(token)["aud"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_answer_may_not_be_kept_by_caches()
    {
        var authority = shared.Authority;

        using var answer = await authority.PostTokenAsync(TestAuthority.Form(TestAuthority.Reader, Audience + "/.default"));

        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal("no-cache", answer.Headers.Pragma.ToString());
        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal("Bearer", body["token_type"]!.GetValue<string>());
        Assert.Equal(3599, body["expires_in"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_older_protocol_names_a_resource_and_gets_a_token_of_version_1()
    {
        var authority = shared.Authority;

        using var answer = await authority.PostTokenAsync(
            TestAuthority.Form(TestAuthority.Reader, "", ("scope", null), ("resource", "https://management.azure.com/")), path: "oauth2/token");

        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal("3599", body["expires_in"]!.GetValue<string>());
        var claims = TokenReader.Claims(body["access_token"]!.GetValue<string>());
        Assert.Equal("1.0", claims["ver"]!.GetValue<string>());
        Assert.Equal($"{authority.Origin}/{TestAuthority.Tenant}/", claims["iss"]!.GetValue<string>());
        Assert.Equal("https://management.azure.com/", claims["aud"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_address_without_a_tenant_speaks_for_the_default_one()
    {
        var authority = shared.Authority;

        using var answer = await authority.PostTokenAsync(
            TestAuthority.Form(TestAuthority.Reader, $"{authority.Origin}//.default"), tenant: "adfs", path: "oauth2/token");

        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal(TestAuthority.Tenant, TokenReader.Claims(body["access_token"]!.GetValue<string>())["tid"]!.GetValue<string>());
    }

    [Fact]
    public async Task Id_and_secret_may_come_in_the_Authorization_header()
    {
        var authority = shared.Authority;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{TestAuthority.Tenant}/oauth2/v2.0/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("scope", Audience + "/.default")]),
        };
        var pair = $"{TestAuthority.Reader.ClientId}:{Uri.EscapeDataString(TestAuthority.Reader.Secret!)}";
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(pair)));

        using var answer = await authority.Http.SendAsync(request);

        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_public_host_is_what_issuers_and_addresses_are_made_of()
    {
        await using var authority = await TestAuthority.StartAsync(publicHost: "login.example:443");

        Assert.Equal("https://login.example/", authority.Server.Address.AbsoluteUri);
    }
}
