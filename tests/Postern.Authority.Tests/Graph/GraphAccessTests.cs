using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Postern.Authority.Tests.Graph;

public sealed class GraphAccessTests(SharedAuthority shared) : IClassFixture<SharedAuthority>
{
    private const string Me = $"/v1.0/servicePrincipals/55555555-5555-5555-5555-555555555555";

    [Fact]
    public async Task Without_a_token_Graph_says_how_to_get_one()
    {
        var authority = shared.Authority;

        using var answer = await authority.Http.GetAsync(Me);

        Assert.Equal(401, (int)answer.StatusCode);
        Assert.Contains("authorization_uri", Assert.Single(answer.Headers.WwwAuthenticate).ToString(), StringComparison.Ordinal);
        Assert.Equal("InvalidAuthenticationToken", await CodeAsync(answer));
    }

    [Theory]
    [InlineData("{0}/.default")]
    [InlineData("{0}//.default")]
    [InlineData("https://graph.microsoft.com/.default")]
    [InlineData("https://graph.microsoft.com//.default")]
    public async Task Every_name_of_Graph_is_an_audience(string scope)
    {
        var authority = shared.Authority;

        Assert.Equal(200, await GetAsync(authority, await authority.TokenAsync(TestAuthority.Reader, scope.Replace("{0}", authority.Origin, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_token_for_someone_else_is_refused()
    {
        var authority = shared.Authority;

        Assert.Equal(401, await GetAsync(authority, await authority.TokenAsync(TestAuthority.Reader, "https://management.azure.com/.default")));
    }

    [Fact]
    public async Task An_expired_token_is_refused()
    {
        await using var authority = await TestAuthority.StartAsync();
        var token = await authority.TokenAsync(TestAuthority.Reader, $"{authority.Origin}/.default");
        Assert.Equal(200, await GetAsync(authority, token));

        authority.Clock.Advance(TimeSpan.FromSeconds(3599));

        Assert.Equal(401, await GetAsync(authority, token));
    }

    [Fact]
    public async Task Forged_tokens_are_refused()
    {
        var authority = shared.Authority;
        var token = await authority.TokenAsync(TestAuthority.Reader, $"{authority.Origin}/.default");
        var parts = token.Split('.');
        var other = Encode(TokenReader.Claims(token).ToJsonString().Replace(TestAuthority.Reader.ObjectId, TestAuthority.Operator.ObjectId, StringComparison.Ordinal));
        var keys = JsonNode.Parse(await authority.Http.GetStringAsync("/common/discovery/v2.0/keys"))!["keys"]![0]!;
        using var publicKey = RSA.Create(new RSAParameters
        {
            Modulus = Base64Url.DecodeFromChars(keys["n"]!.GetValue<string>()),
            Exponent = Base64Url.DecodeFromChars(keys["e"]!.GetValue<string>()),
        });
        var confused = Encode($$"""{"typ":"JWT","alg":"HS256","kid":"{{keys["kid"]}}"}""") + "." + parts[1];
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(publicKey.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(confused));

        foreach (var forged in (string[])
        [
            $"{parts[0]}.{other}.{parts[2]}",
            $"{Encode("""{"alg":"none"}""")}.{parts[1]}.",
            $"{Encode("""{"alg":"none"}""")}.{parts[1]}.AAAA",
            $"{Encode($$"""{"alg":"none","kid":"{{keys["kid"]}}"}""")}.{parts[1]}.{parts[2]}",
            $"{confused}.{Base64Url.EncodeToString(mac)}",
            $"{parts[0]}.{parts[1]}",
            $"{parts[0]}.{parts[1]}.{parts[2]}.{parts[2]}",
            "nonsense",
        ])
        {
            Assert.Equal(401, await GetAsync(authority, forged));
        }
    }

    [Fact]
    public async Task A_token_dies_with_its_principal()
    {
        await using var authority = await TestAuthority.StartAsync();
        var token = await authority.TokenAsync(TestAuthority.Reader, $"{authority.Origin}/.default");
        var graph = await authority.GraphAsync(TestAuthority.Operator);

        Assert.Equal(204, (await graph.SendAsync(HttpMethod.Patch, $"/servicePrincipals/{TestAuthority.Reader.ObjectId}", new { accountEnabled = false })).Status);

        Assert.Equal(401, await GetAsync(authority, token));
    }

    [Fact]
    public async Task Readers_may_not_write_and_nothing_of_their_attempt_stays()
    {
        var authority = shared.Authority;
        var graph = await authority.GraphAsync(TestAuthority.Reader);

        var refused = await graph.PostAsync("/applications", new { displayName = "mine" });

        Assert.Equal(403, refused.Status);
        Assert.Equal("Authorization_RequestDenied", refused.Body["error"]!["code"]!.GetValue<string>());
        Assert.Empty((await graph.GetAsync("/applications?$filter=displayName eq 'mine'")).Body["value"]!.AsArray());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"displayName":"a","displayName":"b"}""")]
    [InlineData("""{"displayName":"\ud800"}""")]
    [InlineData("""{"displayName":"a","\udfff":1}""")]
    [InlineData("""{"displayName":5}""")]
    [InlineData("""{"displayName":""}""")]
    [InlineData("""{"displayName":"a","identifierUris":["not a uri"]}""")]
    [InlineData("""{"displayName":"a","keyCredentials":[{"key":"AAAA"}]}""")]
    public async Task A_body_that_makes_no_sense_is_refused_and_changes_nothing(string body)
    {
        var authority = shared.Authority;
        var graph = await authority.GraphAsync(TestAuthority.Operator);

        var refused = await graph.SendAsync(HttpMethod.Post, "/applications", body);

        Assert.Equal(400, refused.Status);
        Assert.NotEmpty(refused.Body["error"]!["message"]!.GetValue<string>());
        Assert.Equal(2, (await graph.GetAsync("/applications")).Body["value"]!.AsArray().Count);
    }

    [Fact]
    public async Task What_is_not_offered_says_so()
    {
        var authority = shared.Authority;
        var graph = await authority.GraphAsync(TestAuthority.Reader);

        Assert.Equal(404, (await graph.GetAsync("/sites")).Status);
        Assert.Empty((await graph.GetAsync("/users?$filter=userPrincipalName eq 'a@b.c'")).Body["value"]!.AsArray());
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static async Task<int> GetAsync(TestAuthority authority, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Me);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await authority.Http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private static async Task<string> CodeAsync(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"]!["code"]!.GetValue<string>();
}
