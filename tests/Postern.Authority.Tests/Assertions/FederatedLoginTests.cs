using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Microsoft.AspNetCore.Http;
using Postern.Testing;

namespace Postern.Authority.Tests.Assertions;

public sealed class FederatedLoginTests(SharedAuthority shared) : IClassFixture<SharedAuthority>, IAsyncLifetime
{
    private const string Scope = "https://azure-api.net/configuration/.default";
    private const string Subject = "system:serviceaccount:apim:gateway";

    private TestAuthority _authority = null!;
    private TestIssuer _issuer = null!;
    private GraphClient _graph = null!;
    private string _application = "";

    private DateTimeOffset Now => _authority.Clock.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        _authority = shared.Authority;
        _issuer = await TestIssuer.StartAsync(_authority.Certificates.IssueLoopback());
        _graph = await _authority.GraphAsync(TestAuthority.Operator);
        _application = (await _graph.GetAsync($"/applications(appId='{TestAuthority.Reader.ClientId}')")).Body["id"]!.GetValue<string>();
        var made = await _graph.PostAsync($"/applications/{_application}/federatedIdentityCredentials", Credential());
        Assert.True(made.Status == 201, made.Body.ToJsonString());
    }

    public async ValueTask DisposeAsync()
    {
        _graph = await _authority.GraphAsync(TestAuthority.Operator);
        await _graph.SendAsync(HttpMethod.Delete, $"/applications/{_application}/federatedIdentityCredentials/cluster", null);
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task Azure_Identity_exchanges_a_pods_token_and_reads_the_file_each_time()
    {
        using var http = new HttpClient(_authority.NewHandler());
        var file = Path.Combine(_authority.Folder, "token");
        await File.WriteAllTextAsync(file, _issuer.Token(Subject, Now));
        WorkloadIdentityCredential Credential() => new(new WorkloadIdentityCredentialOptions
        {
            AuthorityHost = _authority.Server.Address,
            DisableInstanceDiscovery = true,
            TenantId = TestAuthority.Tenant,
            ClientId = TestAuthority.Reader.ClientId,
            TokenFilePath = file,
            Transport = new HttpClientTransport(http),
        });

        var token = await Credential().GetTokenAsync(new TokenRequestContext([Scope]), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, _issuer.Token("system:serviceaccount:apim:other", Now));
        var refused = await Assert.ThrowsAsync<AuthenticationFailedException>(
            async () => await Credential().GetTokenAsync(new TokenRequestContext([Scope]), TestContext.Current.CancellationToken));

        Assert.Equal(TestAuthority.Reader.ObjectId, TokenReader.Claims(token.Token)["oid"]!.GetValue<string>());
        Assert.Contains("AADSTS700213", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("another subject", 700213)]
    [InlineData("the subject in other case", 7002138)]
    [InlineData("another audience", 700212)]
    [InlineData("no audience", 700212)]
    [InlineData("expired", 700024)]
    [InlineData("not yet valid", 700024)]
    [InlineData("another key with the same name", 700027)]
    [InlineData("an unknown key", 700027)]
    [InlineData("alg none", 50027)]
    [InlineData("HS256 with the public key", 50027)]
    [InlineData("ES256 said", 700027)]
    [InlineData("RS512 said for a key of RS256", 700027)]
    public async Task Only_a_token_that_matches_in_everything_gets_in(string what, int code)
    {
        using var answer = await PostAsync(Forge(what));

        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.True(code == body["error_codes"]?[0]?.GetValue<int>(), $"{what}: {body.ToJsonString()}");
        Assert.Equal(401, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://localhost:1")]
    [InlineData("{0}/")]
    [InlineData("http://169.254.169.254/")]
    public async Task An_issuer_that_nobody_registered_is_refused_and_never_contacted(string issuer)
    {
        var claims = _issuer.Claims(Subject, Now);
        claims["iss"] = issuer.Replace("{0}", _issuer.Issuer, StringComparison.Ordinal);

        using var answer = await PostAsync(_issuer.Sign(claims));

        Assert.Equal(700211, await CodeAsync(answer));
        Assert.Equal(0, _issuer.Requests);
    }

    [Fact]
    public async Task Keys_are_fetched_once_and_a_new_one_is_noticed()
    {
        await AcceptedAsync(_issuer.Token(Subject, Now));
        await AcceptedAsync(_issuer.Token(Subject, Now));
        Assert.Equal(2, _issuer.Requests);

        _issuer.Rollover();
        using var early = await PostAsync(_issuer.Token(Subject, Now));
        Assert.Equal(700027, await CodeAsync(early));
        Assert.Equal(2, _issuer.Requests);
        _authority.Clock.Advance(TimeSpan.FromSeconds(30));

        await AcceptedAsync(_issuer.Token(Subject, Now));
        Assert.Equal(4, _issuer.Requests);
    }

    [Fact]
    public async Task A_key_that_the_issuer_took_back_is_forgotten_within_the_hour()
    {
        var old = _issuer.Token(Subject, Now);
        await AcceptedAsync(old);
        var claims = _issuer.Claims(Subject, Now.AddHours(1));
        var later = _issuer.Sign(claims);
        _issuer.Rollover();
        _issuer.ForgetOldKeys();

        _authority.Clock.Advance(TimeSpan.FromHours(1));

        using var refused = await PostAsync(later);
        Assert.Equal(700027, await CodeAsync(refused));
        await AcceptedAsync(_issuer.Token(Subject, Now));
    }

    [Fact]
    public async Task An_issuer_that_is_down_is_believed_for_a_day_on_what_it_said()
    {
        await AcceptedAsync(_issuer.Token(Subject, Now));
        _issuer.Interfere = StatusAsync(503);

        _authority.Clock.Advance(TimeSpan.FromHours(23));
        await AcceptedAsync(_issuer.Token(Subject, Now));
        _authority.Clock.Advance(TimeSpan.FromHours(2));

        using var refused = await PostAsync(_issuer.Token(Subject, Now));
        Assert.Equal(400, (int)refused.StatusCode);
        Assert.Equal(50166, await CodeAsync(refused));
    }

    [Theory]
    [InlineData("an error")]
    [InlineData("a redirect")]
    [InlineData("no JSON")]
    [InlineData("a list")]
    [InlineData("an endless document")]
    [InlineData("another issuer's name")]
    [InlineData("keys over http")]
    [InlineData("no keys")]
    [InlineData("keys that are too weak")]
    public async Task An_issuer_that_makes_no_sense_lets_nobody_in(string what)
    {
        _issuer.Interfere = what switch
        {
            "an error" => StatusAsync(500),
            "a redirect" => context =>
            {
                context.Response.Redirect(_issuer.Issuer + "/elsewhere");
                return Task.FromResult(true);
            }
            ,
            "no JSON" => Write("<html>"),
            "a list" => Write("[]"),
            "an endless document" => Write("{\"x\":\"" + new string('x', 300 * 1024) + "\"}"),
            "another issuer's name" => Write("""{"issuer":"https://evil.example","jwks_uri":"https://evil.example/keys"}"""),
            "keys over http" => Write($$"""{"issuer":"{{_issuer.Issuer}}","jwks_uri":"http://localhost/keys"}"""),
            "no keys" => Keys("""{"keys":[]}"""),
            _ => Keys("""{"keys":[{"kty":"RSA","kid":"key-1","n":"AQAB","e":"AQAB"},{"kty":"oct","k":"AAAA"},5,{"kty":"EC","crv":"P-256","x":"!","y":"AA"}]}"""),
        };

        using var answer = await PostAsync(_issuer.Token(Subject, Now));

        Assert.Equal(50166, await CodeAsync(answer));
    }

    [Fact]
    public async Task Credentials_are_listed_changed_and_deleted_by_id_and_by_name()
    {
        var path = $"/applications/{_application}/federatedIdentityCredentials";
        var listed = Assert.Single((await _graph.GetAsync(path)).Body["value"]!.AsArray())!;
        Assert.Equal("cluster", (await _graph.GetAsync($"{path}/{listed["id"]}")).Body["name"]!.GetValue<string>());

        Assert.Equal(204, (await _graph.SendAsync(HttpMethod.Patch, $"{path}/cluster", new { subject = "system:serviceaccount:apim:renamed" })).Status);
        using var old = await PostAsync(_issuer.Token(Subject, Now));
        Assert.Equal(700213, await CodeAsync(old));
        await AcceptedAsync(_issuer.Token("system:serviceaccount:apim:renamed", Now));

        Assert.Equal(204, (await _graph.SendAsync(HttpMethod.Delete, $"{path}/cluster", null)).Status);
        using var gone = await PostAsync(_issuer.Token("system:serviceaccount:apim:renamed", Now));
        Assert.Equal(700211, await CodeAsync(gone));
        Assert.Equal(404, (await _graph.GetAsync($"{path}/cluster")).Status);
    }

    [Theory]
    [InlineData("name", "cluster", 409)]
    [InlineData("name", "with space", 400)]
    [InlineData("name", "", 400)]
    [InlineData("issuer", "http://insecure.example", 400)]
    [InlineData("issuer", "not a uri", 400)]
    [InlineData("issuer", "https://x/?q", 400)]
    [InlineData("subject", "", 400)]
    [InlineData("audiences", null, 400)]
    public async Task A_credential_that_could_not_work_is_refused(string property, string? value, int status)
    {
        var credential = Credential("second");
        credential["subject"] = "another";
        credential[property] = value;

        var refused = await _graph.PostAsync($"/applications/{_application}/federatedIdentityCredentials", credential);

        Assert.Equal(status, refused.Status);
    }

    [Fact]
    public async Task One_issuer_and_subject_make_one_credential()
    {
        var refused = await _graph.PostAsync($"/applications/{_application}/federatedIdentityCredentials", Credential("second"));

        Assert.Equal(409, refused.Status);
    }

    private JsonObject Credential(string name = "cluster") => new()
    {
        ["name"] = name,
        ["issuer"] = _issuer.Issuer,
        ["subject"] = Subject,
        ["audiences"] = new JsonArray(TestIssuer.TokenExchange),
    };

    private string Forge(string what)
    {
        var claims = _issuer.Claims(Subject, Now);
        switch (what)
        {
            case "another subject":
                return _issuer.Token("system:serviceaccount:apim:other", Now);
            case "the subject in other case":
                return _issuer.Token("system:serviceaccount:apim:Gateway", Now);
            case "another audience":
                return _issuer.Token(Subject, Now, "https://kubernetes.default.svc");
            case "no audience":
                claims.Remove("aud");
                return _issuer.Sign(claims);
            case "expired":
                return _issuer.Token(Subject, Now.AddMinutes(-66));
            case "not yet valid":
                return _issuer.Token(Subject, Now.AddMinutes(6));
            case "another key with the same name":
                return JwtWriter.Sign(new() { ["kid"] = _issuer.KeyId }, claims, ClientCertificates.First.GetRSAPrivateKey()!, "RS256");
            case "an unknown key":
                return JwtWriter.Sign(new() { ["kid"] = "made-up" }, claims, _issuer.Key, "RS256");
            case "alg none":
                return $"{JwtWriter.Encode("""{"alg":"none"}""")}.{JwtWriter.Encode(claims.ToJsonString())}.AAAA";
            case "HS256 with the public key":
                return JwtWriter.Mac(new() { ["kid"] = _issuer.KeyId }, claims, Encoding.ASCII.GetBytes(_issuer.Key.ExportSubjectPublicKeyInfoPem()));
            case "ES256 said":
                return JwtWriter.Sign(new() { ["kid"] = _issuer.KeyId, ["alg"] = "ES256" }, claims, _issuer.Key, "RS256");
            default:
                return JwtWriter.Sign(new() { ["kid"] = _issuer.KeyId, ["alg"] = "RS512" }, claims, _issuer.Key, "RS256");
        }
    }

    private async Task AcceptedAsync(string token)
    {
        using var answer = await PostAsync(token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> PostAsync(string token) => _authority.PostTokenAsync(TestAuthority.Form(
        TestAuthority.Reader, Scope, ("client_secret", null), ("client_assertion", token),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")));

    private static async Task<int> CodeAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonObject>())!["error_codes"]![0]!.GetValue<int>();

    private static Func<HttpContext, Task<bool>> StatusAsync(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.FromResult(true);
    };

    private static Func<HttpContext, Task<bool>> Write(string text) => async context =>
    {
        await context.Response.WriteAsync(text);
        return true;
    };

    private static Func<HttpContext, Task<bool>> Keys(string text) => async context =>
    {
        if (context.Request.Path == "/.well-known/openid-configuration")
        {
            return false;
        }

        await context.Response.WriteAsync(text);
        return true;
    };
}
