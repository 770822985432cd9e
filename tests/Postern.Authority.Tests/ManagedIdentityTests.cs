using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Postern.Authority.Tests;

public sealed class ManagedIdentityTests(SharedAuthority shared) : IClassFixture<SharedAuthority>, IAsyncLifetime
{
    private const string Service = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso";
    private const string Imds = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F";
    private const string AppService = "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com%2F";

    private TestAuthority _authority = null!;
    private GraphClient _graph = null!;
    private string _identity = "";
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _authority = shared.Authority;
        _graph = await _authority.GraphAsync(TestAuthority.Operator);
        _identity = (await _graph.PostAsync("/servicePrincipals", new { servicePrincipalType = "ManagedIdentity", alternativeNames = new[] { Service } })).Body["id"]!.GetValue<string>();
        _key = await ResetAsync();
    }

    public async ValueTask DisposeAsync() => await _graph.SendAsync(HttpMethod.Delete, $"/servicePrincipals/{_identity}", null);

    [Theory]
    [InlineData(Imds)]
    [InlineData(AppService)]
    public async Task Whoever_has_the_key_gets_the_identitys_token(string path)
    {
        var (status, body) = await GetAsync(path, _key);

        Assert.True(status == 200, body.ToJsonString());
        var claims = TokenReader.Claims(body["access_token"]!.GetValue<string>());
        Assert.Equal(_identity, claims["oid"]!.GetValue<string>());
        Assert.Equal("https://management.azure.com/", claims["aud"]!.GetValue<string>());
        Assert.Equal(Service, claims["xms_mirid"]!.GetValue<string>());
        Assert.Equal(claims["exp"]!.GetValue<long>().ToString(System.Globalization.CultureInfo.InvariantCulture), body["expires_on"]!.GetValue<string>());
    }

    [Fact]
    public async Task Azure_Identity_finds_the_identity_by_the_two_variables()
    {
        // They are the process's, and no other test reads them.
        Environment.SetEnvironmentVariable("IDENTITY_ENDPOINT", $"{_authority.Origin}/msi/token");
        Environment.SetEnvironmentVariable("IDENTITY_HEADER", _key);
        using var http = new HttpClient(_authority.NewHandler());
        var credential = new ManagedIdentityCredential(new ManagedIdentityCredentialOptions(ManagedIdentityId.SystemAssigned) { Transport = new HttpClientTransport(http) });

        var token = await credential.GetTokenAsync(new TokenRequestContext(["https://management.azure.com/.default"]), TestContext.Current.CancellationToken);

        Assert.Equal(_identity, TokenReader.Claims(token.Token)["oid"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(AppService, "", 401)]
    [InlineData(AppService, "nonsense", 401)]
    [InlineData(AppService, "{id}.0000000000000000000000000000000000000000000000000000000000000000", 401)]
    [InlineData(AppService + "&client_id=99999999-9999-9999-9999-999999999999", "{key}", 400)]
    [InlineData("/msi/token?api-version=2019-08-01", "{key}", 400)]
    [InlineData("/msi/token?resource=https%3A%2F%2Fx", "{key}", 400)]
    [InlineData("/msi/token?api-version=2019-08-01&resource=nonsense", "{key}", 400)]
    public async Task Nobody_else_gets_one(string path, string key, int status)
    {
        var answer = await GetAsync(path, key.Replace("{id}", _identity, StringComparison.Ordinal).Replace("{key}", _key, StringComparison.Ordinal));

        Assert.Equal(status, answer.Status);
        Assert.Null(answer.Body["access_token"]);
    }

    [Fact]
    public async Task The_metadata_header_is_asked_for_and_proxies_are_not_served()
    {
        var unmarked = await GetAsync(Imds, _key, ("Metadata", "false"));
        var forwarded = await GetAsync(Imds, _key, ("X-Forwarded-For", "10.0.0.1"));

        Assert.Equal((400, 400), (unmarked.Status, forwarded.Status));
        Assert.Equal("invalid_request", unmarked.Body["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_new_key_voids_the_old_one()
    {
        var renewed = await ResetAsync();

        Assert.Equal(401, (await GetAsync(AppService, _key)).Status);
        Assert.Equal(200, (await GetAsync(AppService, renewed)).Status);
    }

    [Fact]
    public async Task A_disabled_or_deleted_identity_gets_nothing()
    {
        await _graph.SendAsync(HttpMethod.Patch, $"/servicePrincipals/{_identity}", new { accountEnabled = false });
        Assert.Equal(401, (await GetAsync(AppService, _key)).Status);

        await _graph.SendAsync(HttpMethod.Delete, $"/servicePrincipals/{_identity}", null);
        Assert.Equal(401, (await GetAsync(AppService, _key)).Status);
    }

    [Fact]
    public async Task An_application_has_no_such_key_and_an_identity_no_password_login()
    {
        Assert.Equal(400, (await _graph.PostAsync($"/servicePrincipals/{TestAuthority.Reader.ObjectId}/resetIdentityHeader", new { })).Status);
        var clientId = (await _graph.GetAsync($"/servicePrincipals/{_identity}")).Body["appId"]!.GetValue<string>();

        using var answer = await _authority.PostTokenAsync(TestAuthority.Form(new(clientId, "", "", "x", false), "https://x/.default"));

        Assert.Equal(700016, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["error_codes"]![0]!.GetValue<int>());
    }

    private async Task<string> ResetAsync()
    {
        var (status, body) = await _graph.PostAsync($"/servicePrincipals/{_identity}/resetIdentityHeader", new { });
        Assert.Equal(200, status);
        Assert.Equal($"{_authority.Origin}/msi/token", body["IDENTITY_ENDPOINT"]!.GetValue<string>());
        return body["IDENTITY_HEADER"]!.GetValue<string>();
    }

    private async Task<(int Status, JsonObject Body)> GetAsync(string path, string key, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("X-IDENTITY-HEADER", key);
        if (header?.Name != "Metadata")
        {
            request.Headers.Add("Metadata", "true");
        }

        if (header is { } more)
        {
            request.Headers.Add(more.Name, more.Value);
        }

        using var answer = await _authority.Http.SendAsync(request);
        return ((int)answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonObject>())!);
    }
}
