using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.Tokens;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.EntraTokens;
using Postern.Hosting.Tls;

namespace Postern.ControlPlane.Tests.Access.EntraTokens;

/// <summary>Tokens over real HTTPS: honest, spoilt in every way that is known, and random.</summary>
public sealed class EntraTokenValidationTests : IAsyncLifetime
{
    private const string Audience = "https://azure-api.net/configuration";
    private const string Caller = "11111111-2222-4333-8444-555555555555";

    private readonly string _folder = Directory.CreateTempSubdirectory("postern-access-").FullName;
    private readonly ManualTime _time = new();
    private TestIssuer _issuer = null!;
    private HttpClient _client = null!;
    private AuthorityKeySource _keys = null!;
    private EntraTokenValidation _validation = null!;

    public async ValueTask InitializeAsync()
    {
        var certificates = DevelopmentCertificates.LoadOrCreate(_folder, TimeProvider.System);
        _issuer = await TestIssuer.StartAsync(certificates, _time);
        _client = new(TrustedRoots.FromPath(certificates.CaFile).CreateHandler());
        _keys = new(new(_client, _issuer.Address, TestIssuer.Tenant), _time, NullLogger.Instance);
        _validation = new(_keys, TestIssuer.Tenant, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _keys.Dispose();
        await _issuer.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_good_token_tells_who_calls()
    {
        var verdict = await ValidateAsync(_issuer.Token(Audience, Caller));

        Assert.Equal(new Principal(Caller, TestIssuer.Tenant, "a99a99a9-0000-4000-8000-000000000001"), verdict.Principal);
    }

    [Fact]
    public async Task A_version_1_token_is_as_good()
    {
        var claims = _issuer.Claims(Audience, Caller);
        claims["iss"] = _issuer.IssuerV1;
        claims["ver"] = "1.0";
        claims.Remove("azp");
        claims["appid"] = "the-app";

        Assert.Equal("the-app", (await ValidateAsync(_issuer.Token(claims))).Principal?.ApplicationId);
    }

    [Fact]
    public async Task One_of_several_audiences_is_enough()
    {
        var claims = _issuer.Claims(Audience, Caller);
        claims["aud"] = new JsonArray("https://elsewhere.example", Audience);

        Assert.NotNull((await ValidateAsync(_issuer.Token(claims))).Principal);
    }

    [Theory]
    [InlineData("iss", "https://login.evil.example/v2.0", AccessDiagnostics.WrongIssuer)]
    [InlineData("iss", null, AccessDiagnostics.WrongIssuer)]
    [InlineData("tid", "00000000-0000-0000-0000-00000000beef", AccessDiagnostics.WrongTenant)]
    [InlineData("tid", null, AccessDiagnostics.WrongTenant)]
    [InlineData("aud", "https://management.azure.com/", AccessDiagnostics.WrongAudience)]
    [InlineData("aud", "https://azure-api.net/configuration/", AccessDiagnostics.WrongAudience)]
    [InlineData("aud", null, AccessDiagnostics.WrongAudience)]
    [InlineData("oid", null, AccessDiagnostics.NoObjectId)]
    [InlineData("oid", "", AccessDiagnostics.NoObjectId)]
    [InlineData("exp", null, AccessDiagnostics.Expired)]
    public async Task A_token_with_a_wrong_claim_is_refused(string claim, string? value, string diagnostic)
    {
        var claims = _issuer.Claims(Audience, Caller);
        claims.Remove(claim);
        if (value is not null)
        {
            claims[claim] = value;
        }

        var verdict = await ValidateAsync(_issuer.Token(claims));

        Assert.Null(verdict.Principal);
        Assert.Equal(diagnostic, verdict.Fault?.Diagnostic);
    }

    [Fact]
    public async Task An_issuer_must_match_to_the_letter()
    {
        foreach (var issuer in (string[])[_issuer.IssuerV2 + "/", _issuer.IssuerV2.ToUpperInvariant(), _issuer.IssuerV1.TrimEnd('/'), $"{_issuer.Address}{{tenantid}}/v2.0"])
        {
            var claims = _issuer.Claims(Audience, Caller);
            claims["iss"] = issuer;

            Assert.Equal(AccessDiagnostics.WrongIssuer, (await ValidateAsync(_issuer.Token(claims))).Fault?.Diagnostic);
        }
    }

    [Fact]
    public async Task A_lifetime_is_judged_by_our_clock_with_five_minutes_of_grace()
    {
        var token = _issuer.Token(Audience, Caller);

        _time.Advance(TimeSpan.FromMinutes(64));
        Assert.NotNull((await ValidateAsync(token)).Principal);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(AccessDiagnostics.Expired, (await ValidateAsync(token)).Fault?.Diagnostic);
    }

    [Fact]
    public async Task A_token_from_the_future_is_refused()
    {
        var claims = _issuer.Claims(Audience, Caller);
        claims["nbf"] = _time.GetUtcNow().AddMinutes(6).ToUnixTimeSeconds();

        Assert.Equal(AccessDiagnostics.NotYetValid, (await ValidateAsync(_issuer.Token(claims))).Fault?.Diagnostic);
    }

    [Fact]
    public async Task A_token_signed_with_another_key_under_a_known_name_is_refused()
    {
        using var other = RSA.Create(2048);

        Assert.Equal(AccessDiagnostics.WrongSignature, (await ValidateAsync(Signed(Header(), other))).Fault?.Diagnostic);
    }

    [Fact]
    public async Task A_changed_token_is_refused()
    {
        var parts = _issuer.Token(Audience, Caller).Split('.');
        var claims = _issuer.Claims(Audience, "somebody-else");
        var forged = $"{parts[0]}.{Base64UrlEncoder.Encode(claims.ToJsonString())}.{parts[2]}";

        Assert.Equal(AccessDiagnostics.WrongSignature, (await ValidateAsync(forged)).Fault?.Diagnostic);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    [InlineData("")]
    public async Task A_token_that_names_another_algorithm_is_refused(string algorithm)
    {
        var signed = Signed(Header(algorithm), _issuer.Keys["key-1"]);
        var unsigned = Signed(Header(algorithm), null);

        Assert.NotNull((await ValidateAsync(signed)).Fault);
        Assert.NotNull((await ValidateAsync(unsigned)).Fault);
    }

    [Fact]
    public async Task The_public_key_is_no_shared_secret()
    {
        var key = _issuer.Keys["key-1"];
        foreach (var secret in (byte[][])[Encoding.ASCII.GetBytes(key.ExportRSAPublicKeyPem()), Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()), key.ExportSubjectPublicKeyInfo()])
        {
            Assert.Equal(AccessDiagnostics.WrongAlgorithm, (await ValidateAsync(TestIssuer.SignHmac(Header("HS256"), _issuer.Claims(Audience, Caller), secret))).Fault?.Diagnostic);
            Assert.Equal(AccessDiagnostics.WrongSignature, (await ValidateAsync(TestIssuer.SignHmac(Header(), _issuer.Claims(Audience, Caller), secret))).Fault?.Diagnostic);
        }
    }

    [Fact]
    public async Task A_key_that_comes_with_the_token_is_not_used()
    {
        using var own = RSA.Create(2048);
        var parameters = own.ExportParameters(false);
        var header = Header();
        header["jwk"] = new JsonObject { ["kty"] = "RSA", ["kid"] = "key-1", ["n"] = Base64UrlEncoder.Encode(parameters.Modulus), ["e"] = Base64UrlEncoder.Encode(parameters.Exponent) };
        header["jku"] = "https://keys.evil.example/";

        Assert.Equal(AccessDiagnostics.WrongSignature, (await ValidateAsync(Signed(header, own))).Fault?.Diagnostic);
    }

    [Fact]
    public async Task A_new_key_of_the_authority_is_found_and_an_unknown_one_does_not_flood_it()
    {
        Assert.NotNull((await ValidateAsync(_issuer.Token(Audience, Caller))).Principal);
        _issuer.Keys["key-2"] = RSA.Create(2048);
        _time.Advance(AuthorityKeySource.LeastPause);
        Assert.NotNull((await ValidateAsync(_issuer.Token(_issuer.Claims(Audience, Caller), "key-2"))).Principal);
        Assert.Equal(2, _issuer.Fetches);

        using var other = RSA.Create(2048);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(AccessDiagnostics.UnknownKey, (await ValidateAsync(Signed(Header(keyId: $"key-x{i}"), other))).Fault?.Diagnostic);
        }

        Assert.Equal(2, _issuer.Fetches);
    }

    [Fact]
    public async Task A_withdrawn_key_is_forgotten_with_the_next_look()
    {
        var old = _issuer.Token(Audience, Caller);
        Assert.NotNull((await ValidateAsync(old)).Principal);
        _issuer.Keys["key-2"] = RSA.Create(2048);
        _issuer.Keys.Remove("key-1");
        _time.Advance(AuthorityKeySource.LeastPause);

        Assert.NotNull((await ValidateAsync(_issuer.Token(_issuer.Claims(Audience, Caller), "key-2"))).Principal);
        Assert.Equal(AccessDiagnostics.UnknownKey, (await ValidateAsync(old)).Fault?.Diagnostic);
    }

    [Fact]
    public async Task A_withdrawn_key_is_forgotten_even_when_nothing_new_is_seen()
    {
        Assert.NotNull((await ValidateAsync(_issuer.Token(Audience, Caller))).Principal);
        _issuer.Keys["key-2"] = RSA.Create(2048);
        _issuer.Keys.Remove("key-1", out var withdrawn);
        _time.Advance(AuthorityKeySource.TrustedFor);

        Assert.Equal(AccessDiagnostics.UnknownKey, (await ValidateAsync(Signed(Header(), withdrawn))).Fault?.Diagnostic);
    }

    [Fact]
    public async Task Keys_are_fetched_anew_in_the_background()
    {
        Assert.NotNull((await ValidateAsync(_issuer.Token(Audience, Caller))).Principal);
        _time.Advance(AuthorityKeySource.FreshFor);
        Assert.NotNull((await ValidateAsync(_issuer.Token(Audience, Caller))).Principal);

        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (_issuer.Fetches < 2)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task An_outage_of_the_authority_is_invisible_to_known_keys_and_said_plainly_before()
    {
        _issuer.Status = 503;
        Assert.True((await ValidateAsync(_issuer.Token(Audience, Caller))).Unreachable);

        _issuer.Status = 200;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull((await ValidateAsync(_issuer.Token(Audience, Caller))).Principal);

        _issuer.Status = 503;
        _time.Advance(AuthorityKeySource.TrustedFor + TimeSpan.FromHours(24));
        Assert.NotNull((await ValidateAsync(_issuer.Token(Audience, Caller))).Principal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.e30")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiIsImtpZCI6MX0.e30.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIn0.W10.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIn0.bnVsbA.AA")]
    [InlineData("a.b.c.d.e")]
    [InlineData("Bearer a.b.c")]
    [InlineData("ä.b.c")]
    public async Task What_is_no_token_is_refused(string token) => Assert.NotNull((await ValidateAsync(token)).Fault);

    [Fact]
    public async Task A_token_of_any_length_is_refused_quickly()
    {
        Assert.Equal(AccessDiagnostics.MalformedToken, (await ValidateAsync(new string('a', 5_000_000))).Fault?.Diagnostic);
        Assert.Equal(AccessDiagnostics.MalformedToken, (await ValidateAsync(new string('.', 10_000))).Fault?.Diagnostic);
    }

    [Fact]
    public async Task A_signed_token_with_claims_of_wrong_types_is_refused()
    {
        foreach (var (claim, value) in ((string, JsonNode?)[])[("exp", "soon"), ("exp", 1e300), ("exp", -5), ("exp", new JsonArray()), ("aud", 5), ("aud", new JsonObject()), ("iss", 7), ("oid", 7), ("oid", new JsonArray("a")), ("tid", true), ("nbf", "never")])
        {
            var claims = _issuer.Claims(Audience, Caller);
            claims[claim] = value?.DeepClone();
            var verdict = await ValidateAsync(_issuer.Token(claims));

            Assert.True(verdict.Principal is null || claim == "nbf", $"{claim}: {value}");
        }
    }

    [Fact]
    public async Task Random_mutations_of_a_good_token_never_let_anybody_in_nor_throw()
    {
        var random = new Random(20261120);
        var good = _issuer.Token(Audience, Caller);
        for (var i = 0; i < 3000; i++)
        {
            var bytes = good.ToCharArray();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(5) == 0 ? (char)random.Next(1, 0x250) : "ABab01._-"[random.Next(9)];
            }

            var mutated = new string(bytes);
            if (mutated == good)
            {
                continue;
            }

            var verdict = await ValidateAsync(random.Next(4) == 0 ? mutated[..random.Next(mutated.Length)] : mutated);

            // The last character of an unpadded signature has bits that mean nothing: such a change is none.
            Assert.True(verdict.Principal is null || mutated[..^1] == good[..^1], mutated);
        }
    }

    private static JsonObject Header(string algorithm = "RS256", string keyId = "key-1") => new() { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = keyId };

    private string Signed(JsonObject header, RSA? key) => TestIssuer.Sign(header, _issuer.Claims(Audience, Caller), key);

    private ValueTask<TokenVerdict> ValidateAsync(string token) => _validation.ValidateAsync(token, Audiences.Configuration, TestContext.Current.CancellationToken);
}
