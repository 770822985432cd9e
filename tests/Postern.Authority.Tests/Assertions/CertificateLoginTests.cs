using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Postern.Testing;

namespace Postern.Authority.Tests.Assertions;

public sealed class CertificateLoginTests(SharedAuthority shared) : IClassFixture<SharedAuthority>
{
    private const string Scope = "https://azure-api.net/configuration/.default";
    private const string Type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Azure_Identity_logs_in_with_a_certificate(bool withChain)
    {
        var authority = await SharedAsync();
        using var http = new HttpClient(authority.NewHandler());
        var credential = new ClientCertificateCredential(TestAuthority.Tenant, TestAuthority.Reader.ClientId, ClientCertificates.First, new ClientCertificateCredentialOptions
        {
            AuthorityHost = authority.Server.Address,
            DisableInstanceDiscovery = true,
            SendCertificateChain = withChain,
            Transport = new HttpClientTransport(http),
        });

        var token = await credential.GetTokenAsync(new TokenRequestContext([Scope]), TestContext.Current.CancellationToken);

        Assert.Equal("2", TokenReader.Claims(token.Token)["azpacr"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("RS256", "x5t padded, times as fractions: what az sends")]
    [InlineData("RS256", "x5t without padding")]
    [InlineData("RS256", "x5t in the other alphabet")]
    [InlineData("RS256", "x5c with line breaks")]
    [InlineData("RS256", "x5c list")]
    [InlineData("RS256", "kid in hexadecimal")]
    [InlineData("PS256", "x5t#S256")]
    public async Task Every_way_to_name_the_certificate_is_understood(string algorithm, string way)
    {
        var authority = await SharedAsync();
        var certificate = ClientCertificates.First;
        var sha1 = certificate.GetCertHash();
        JsonObject header = way switch
        {
            "x5t padded, times as fractions: what az sends" => new() { ["x5t"] = Convert.ToBase64String(sha1).Replace('+', '-').Replace('/', '_') },
            "x5t without padding" => new() { ["x5t"] = Base64Url.EncodeToString(sha1) },
            "x5t in the other alphabet" => new() { ["x5t"] = Convert.ToBase64String(sha1) },
            "x5c with line breaks" => new() { ["x5c"] = Convert.ToBase64String(certificate.RawData, Base64FormattingOptions.InsertLineBreaks) + "\n" },
            "x5c list" => new() { ["x5c"] = new JsonArray(Convert.ToBase64String(certificate.RawData)) },
            "kid in hexadecimal" => new() { ["kid"] = certificate.Thumbprint },
            _ => new() { ["x5t#S256"] = Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256)) },
        };
        var claims = Claims(authority);
        if (way.Contains("fractions", StringComparison.Ordinal))
        {
            var now = authority.Clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
            (claims["iat"], claims["exp"]) = (now, now + 600.2957737);
        }

        using var answer = await PostAsync(authority, JwtWriter.Sign(header, claims, certificate.GetRSAPrivateKey()!, algorithm));

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_certificate_on_an_elliptic_curve_logs_in()
    {
        await using var authority = await StartAsync(ClientCertificates.Curve);
        var header = new JsonObject { ["x5t"] = Base64Url.EncodeToString(ClientCertificates.Curve.GetCertHash()) };

        using var answer = await PostAsync(authority, JwtWriter.Sign(header, Claims(authority), ClientCertificates.Curve.GetECDsaPrivateKey()!, "ES256"));

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("oauth2/token")]
    [InlineData("v2.0")]
    [InlineData("")]
    public async Task The_audience_may_be_any_address_of_the_tenant(string path)
    {
        var authority = await SharedAsync();
        var claims = Claims(authority);
        claims["aud"] = $"{authority.Origin}/{TestAuthority.Tenant}/{path}";

        using var answer = await PostAsync(authority, Sign(claims));

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public static TheoryData<string, int> Forgeries => new()
    {
        { "signed with another key", 700027 },
        { "another certificate", 700027 },
        { "two certificates that contradict each other", 700027 },
        { "no certificate named", 50027 },
        { "alg none", 50027 },
        { "alg none without signature", 50027 },
        { "HS256 with the public key", 50027 },
        { "HS256 with the certificate", 50027 },
        { "PS256 said, RS256 done", 700027 },
        { "ES256 said with an RSA key", 700027 },
        { "expired", 700024 },
        { "not yet valid", 700024 },
        { "without end", 700024 },
        { "with an end that is no number", 700024 },
        { "for another tenant", 700023 },
        { "for another server", 700023 },
        { "for nobody", 700023 },
        { "of another client", 700021 },
        { "about another client", 700021 },
        { "with changed claims", 700027 },
        { "garbage", 50027 },
        { "a critical extension", 50027 },
        { "a claim given twice", 50027 },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task No_other_assertion_gets_in(string what, int code)
    {
        var authority = await SharedAsync();

        using var answer = await PostAsync(authority, Forge(what, authority));

        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.True(code == body["error_codes"]?[0]?.GetValue<int>(), $"{what}: {body.ToJsonString()}");
        Assert.Equal(401, (int)answer.StatusCode);
        Assert.Equal("invalid_client", body["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_form_must_say_what_its_assertion_is_and_bring_one_proof_only()
    {
        var authority = await SharedAsync();
        var assertion = Sign(Claims(authority));

        using var untyped = await authority.PostTokenAsync(TestAuthority.Form(TestAuthority.Reader, Scope, ("client_secret", null), ("client_assertion", assertion)));
        using var mistyped = await authority.PostTokenAsync(TestAuthority.Form(
            TestAuthority.Reader, Scope, ("client_secret", null), ("client_assertion", assertion), ("client_assertion_type", "saml")));
        using var both = await authority.PostTokenAsync(TestAuthority.Form(TestAuthority.Reader, Scope, ("client_assertion", assertion), ("client_assertion_type", Type)));

        Assert.Equal(900144, await CodeAsync(untyped));
        Assert.Equal(50027, await CodeAsync(mistyped));
        Assert.Equal(9002313, await CodeAsync(both));
    }

    [Fact]
    public async Task A_certificate_that_was_replaced_logs_in_no_more()
    {
        await using var authority = await StartAsync(ClientCertificates.First);
        await AddAsync(authority, ClientCertificates.Other);

        using var old = await PostAsync(authority, Sign(Claims(authority)));
        using var current = await PostAsync(authority, Sign(Claims(authority), ClientCertificates.Other));

        Assert.Equal(700027, await CodeAsync(old));
        Assert.True(current.IsSuccessStatusCode, await current.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_certificate_ends_when_it_says()
    {
        await using var authority = await StartAsync(ClientCertificates.First);
        authority.Clock.Advance(TimeSpan.FromDays(31));

        using var answer = await PostAsync(authority, Sign(Claims(authority)));

        Assert.Equal(700027, await CodeAsync(answer));
        Assert.Contains("expired", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 200, 200)]
    [InlineData(true, 200, 401)]
    public async Task An_assertion_is_used_again_only_where_that_is_allowed(bool singleUse, int first, int second)
    {
        await using var authority = await TestAuthority.StartAsync(singleUseAssertions: singleUse);
        await AddAsync(authority, ClientCertificates.First);
        var assertion = Sign(Claims(authority));

        using var once = await PostAsync(authority, assertion);
        using var again = await PostAsync(authority, assertion);

        Assert.Equal((first, second), ((int)once.StatusCode, (int)again.StatusCode));
    }

    [Fact]
    public async Task Existing_certificates_are_kept_by_their_key_id()
    {
        await using var authority = await StartAsync(ClientCertificates.First);
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var application = (await graph.GetAsync($"/applications(appId='{TestAuthority.Reader.ClientId}')")).Body;
        var keys = application["keyCredentials"]!.AsArray();
        Assert.Equal(ClientCertificates.First.Thumbprint, keys[0]!["customKeyIdentifier"]!.GetValue<string>());
        var more = new JsonArray(keys[0]!.DeepClone(), new JsonObject
        {
            ["type"] = "AsymmetricX509Cert",
            ["usage"] = "Verify",
            ["key"] = Convert.ToBase64String(ClientCertificates.Other.RawData),
        });

        Assert.Equal(204, (await graph.SendAsync(HttpMethod.Patch, $"/applications/{application["id"]}", new JsonObject { ["keyCredentials"] = more })).Status);

        using var first = await PostAsync(authority, Sign(Claims(authority)));
        using var second = await PostAsync(authority, Sign(Claims(authority), ClientCertificates.Other));
        Assert.True(first.IsSuccessStatusCode && second.IsSuccessStatusCode);
    }

    private static string Forge(string what, TestAuthority authority)
    {
        var claims = Claims(authority);
        var now = authority.Clock.GetUtcNow();
        var key = ClientCertificates.First.GetRSAPrivateKey()!;
        switch (what)
        {
            case "signed with another key":
                return JwtWriter.Sign(Header(), claims, ClientCertificates.Other.GetRSAPrivateKey()!, "RS256");
            case "another certificate":
                return Sign(claims, ClientCertificates.Other);
            case "two certificates that contradict each other":
                var header = Header();
                header["x5c"] = new JsonArray(Convert.ToBase64String(ClientCertificates.Other.RawData));
                return JwtWriter.Sign(header, claims, ClientCertificates.Other.GetRSAPrivateKey()!, "RS256");
            case "no certificate named":
                return JwtWriter.Sign(new(), claims, key, "RS256");
            case "alg none":
                return $"{JwtWriter.Encode("""{"alg":"none"}""")}.{JwtWriter.Encode(claims.ToJsonString())}.AAAA";
            case "alg none without signature":
                return $"{JwtWriter.Encode("""{"alg":"none"}""")}.{JwtWriter.Encode(claims.ToJsonString())}.";
            case "HS256 with the public key":
                return JwtWriter.Mac(Header(), claims, Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()));
            case "HS256 with the certificate":
                return JwtWriter.Mac(Header(), claims, ClientCertificates.First.RawData);
            case "PS256 said, RS256 done":
                var said = Header();
                said["alg"] = "PS256";
                return JwtWriter.Sign(said, claims, key, "RS256");
            case "ES256 said with an RSA key":
                var curve = Header();
                curve["alg"] = "ES256";
                return JwtWriter.Sign(curve, claims, key, "RS256");
            case "expired":
                claims["exp"] = now.AddMinutes(-6).ToUnixTimeSeconds();
                break;
            case "not yet valid":
                claims["nbf"] = now.AddMinutes(6).ToUnixTimeSeconds();
                break;
            case "without end":
                claims.Remove("exp");
                break;
            case "with an end that is no number":
                claims["exp"] = "tomorrow";
                break;
            case "for another tenant":
                claims["aud"] = $"{authority.Origin}/99999999-9999-9999-9999-999999999999/oauth2/v2.0/token";
                break;
            case "for another server":
                claims["aud"] = $"https://evil.example/{TestAuthority.Tenant}/oauth2/v2.0/token";
                break;
            case "for nobody":
                claims.Remove("aud");
                break;
            case "of another client":
                claims["iss"] = TestAuthority.Operator.ClientId;
                break;
            case "about another client":
                claims["sub"] = TestAuthority.Operator.ClientId;
                break;
            case "with changed claims":
                var parts = Sign(claims).Split('.');
                claims["exp"] = now.AddDays(300).ToUnixTimeSeconds();
                return $"{parts[0]}.{JwtWriter.Encode(claims.ToJsonString())}.{parts[2]}";
            case "garbage":
                return "a.b.c";
            case "a critical extension":
                var critical = Header();
                critical["crit"] = new JsonArray("x");
                return JwtWriter.Sign(critical, claims, key, "RS256");
            case "a claim given twice":
                var twice = claims.ToJsonString().Replace("{", "{\"sub\":\"x\",", StringComparison.Ordinal);
                var signed = $"{JwtWriter.Encode($$"""{"alg":"RS256","x5t":"{{Base64Url.EncodeToString(ClientCertificates.First.GetCertHash())}}"}""")}.{JwtWriter.Encode(twice)}";
                return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
            default:
                throw new ArgumentException(what, nameof(what));
        }

        return Sign(claims);
    }

    private async Task<TestAuthority> SharedAsync()
    {
        await AddAsync(shared.Authority, ClientCertificates.First);
        return shared.Authority;
    }

    private static async Task<TestAuthority> StartAsync(X509Certificate2 certificate)
    {
        var authority = await TestAuthority.StartAsync();
        await AddAsync(authority, certificate);
        return authority;
    }

    /// <summary>Makes it the only certificate of the reader.</summary>
    private static async Task AddAsync(TestAuthority authority, X509Certificate2 certificate)
    {
        var graph = await authority.GraphAsync(TestAuthority.Operator);
        var application = (await graph.GetAsync($"/applications(appId='{TestAuthority.Reader.ClientId}')")).Body;
        var (status, body) = await graph.SendAsync(HttpMethod.Patch, $"/applications/{application["id"]}", new
        {
            keyCredentials = new[] { new { type = "AsymmetricX509Cert", usage = "Verify", key = Convert.ToBase64String(certificate.RawData) } },
        });
        Assert.True(status == 204, body.ToJsonString());
    }

    private static JsonObject Claims(TestAuthority authority)
    {
        var now = authority.Clock.GetUtcNow();
        return new()
        {
            ["aud"] = $"{authority.Origin}/{TestAuthority.Tenant}/oauth2/v2.0/token",
            ["iss"] = TestAuthority.Reader.ClientId,
            ["sub"] = TestAuthority.Reader.ClientId,
            ["jti"] = Guid.NewGuid().ToString(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
        };
    }

    private static JsonObject Header(X509Certificate2? certificate = null) =>
        new() { ["x5t"] = Base64Url.EncodeToString((certificate ?? ClientCertificates.First).GetCertHash()) };

    private static string Sign(JsonObject claims, X509Certificate2? certificate = null) =>
        JwtWriter.Sign(Header(certificate), claims, (certificate ?? ClientCertificates.First).GetRSAPrivateKey()!, "RS256");

    private static Task<HttpResponseMessage> PostAsync(TestAuthority authority, string assertion) => authority.PostTokenAsync(TestAuthority.Form(
        TestAuthority.Reader, Scope, ("client_secret", null), ("client_assertion", assertion), ("client_assertion_type", Type)));

    private static async Task<int> CodeAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonObject>())!["error_codes"]![0]!.GetValue<int>();
}
