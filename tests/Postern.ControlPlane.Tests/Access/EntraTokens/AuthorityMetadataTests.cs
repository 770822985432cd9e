using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Postern.ControlPlane.Access.EntraTokens;

namespace Postern.ControlPlane.Tests.Access.EntraTokens;

/// <summary>What authorities publish, in the layouts that there are, and answers that are none.</summary>
public sealed class AuthorityMetadataTests
{
    private const string Tenant = "the-tenant";
    private static readonly Uri Authority = new("https://authority.example/");
    private static readonly string Modulus = Base64UrlEncoder.Encode(RSA.Create(2048).ExportParameters(false).Modulus);

    [Fact]
    public async Task Entras_two_documents_give_two_issuers()
    {
        var keys = await FetchAsync(new()
        {
            ["/the-tenant/v2.0/.well-known/openid-configuration"] = """{"issuer":"https://two.example/v2.0","jwks_uri":"https://authority.example/keys"}""",
            ["/the-tenant/.well-known/openid-configuration"] = """{"issuer":"https://one.example/","jwks_uri":"https://authority.example/keys"}""",
            ["/keys"] = Keys(Key("a")),
        });

        Assert.Equal(["https://two.example/v2.0", "https://one.example/"], keys.Issuers);
        Assert.Equal(["a"], keys.Keys.Keys);
    }

    [Fact]
    public async Task A_plain_provider_at_the_root_will_do()
    {
        var keys = await FetchAsync(new()
        {
            ["/.well-known/openid-configuration"] = """{"issuer":"https://authority.example","jwks_uri":"https://authority.example/keys"}""",
            ["/keys"] = Keys(Key("a"), Key("b")),
        });

        Assert.Equal(["https://authority.example"], keys.Issuers);
        Assert.Equal(["a", "b"], keys.Keys.Keys.Order());
    }

    [Fact]
    public async Task Keys_that_are_not_for_RS256_signatures_are_left_out()
    {
        var keys = await FetchAsync(With(
            Key("good"),
            Key("encryption").Replace("\"sig\"", "\"enc\"", StringComparison.Ordinal),
            Key("other").Replace("\"RS256\"", "\"PS256\"", StringComparison.Ordinal),
            """{"kty":"EC","kid":"curve","crv":"P-256","x":"AA","y":"AA"}""",
            """{"kty":"RSA","kid":"short","n":"AQAB","e":"AQAB"}""",
            """{"kty":"RSA","kid":"broken","n":"!!","e":"AQAB"}""",
            """{"kty":"RSA","n":"AQAB","e":"AQAB"}""",
            "5"));

        Assert.Equal(["good"], keys.Keys.Keys);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("no json")]
    [InlineData("""{"issuer":5,"jwks_uri":"https://authority.example/keys"}""")]
    [InlineData("""{"issuer":"x"}""")]
    [InlineData("""{"issuer":"x","jwks_uri":"http://authority.example/keys"}""")]
    [InlineData("""{"issuer":"x","jwks_uri":"https://authority.example/nowhere"}""")]
    [InlineData("""{"issuer":"x","jwks_uri":"https://authority.example/empty"}""")]
    public async Task What_is_no_such_document_is_refused(string document) => await Assert.ThrowsAsync<InvalidDataException>(() => FetchAsync(new()
    {
        ["/the-tenant/v2.0/.well-known/openid-configuration"] = document,
        ["/keys"] = Keys(Key("a")),
        ["/empty"] = Keys(),
    }));

    [Fact]
    public async Task An_authority_without_any_document_is_refused() => await Assert.ThrowsAsync<InvalidDataException>(() => FetchAsync([]));

    private static Dictionary<string, string> With(params string[] keys) => new()
    {
        ["/the-tenant/v2.0/.well-known/openid-configuration"] = """{"issuer":"x","jwks_uri":"https://authority.example/keys"}""",
        ["/keys"] = Keys(keys),
    };

    private static string Keys(params string[] keys) => $$"""{"keys":[{{string.Join(',', keys)}}]}""";

    private static string Key(string id) => $$"""{"kty":"RSA","use":"sig","alg":"RS256","kid":"{{id}}","n":"{{Modulus}}","e":"AQAB"}""";

    private static async Task<AuthorityKeys> FetchAsync(Dictionary<string, string> documents)
    {
        using var client = new HttpClient(new Documents(documents));
        return await new AuthorityMetadata(client, Authority, Tenant).FetchAsync(DateTimeOffset.UnixEpoch, TestContext.Current.CancellationToken);
    }

    private sealed class Documents(Dictionary<string, string> documents) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(documents.TryGetValue(request.RequestUri!.AbsolutePath, out var text)
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8) }
                : new HttpResponseMessage(HttpStatusCode.NotFound));
    }
}
