using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.GatewayTokens;
using static Postern.ControlPlane.Tests.Access.ChainHost;

namespace Postern.ControlPlane.Tests.Access;

/// <summary>
/// Every way in, with every way in which it can be wrong: none of these lets in, none ends in 500. The authority and the control plane are
/// real; tokens are spoilt after they were issued, or never issued.
/// </summary>
public sealed class AccessMatrixTests(AccessMatrixTests.Chain chain) : IClassFixture<AccessMatrixTests.Chain>
{
    private const string Login = "login refused";

    private static readonly string[] EntraMethods = ["secret", "certificate", "federated token"];
    private static readonly string[] KeyMethods = ["primary key", "secondary key"];

    /// <summary>What is wrong, and what the configuration API says to an Entra token.</summary>
    private static readonly (string Case, int Status, string Code)[] EntraCases =
    [
        ("right", 200, ""),
        ("wrong credential", 401, Login),
        ("expired credential", 401, Login),
        ("expired", 401, AccessDiagnostics.Expired),
        ("revoked", 403, AccessDiagnostics.DataActionNotPermitted),
        ("wrong audience", 401, AccessDiagnostics.WrongAudience),
        ("wrong tenant", 401, AccessDiagnostics.WrongIssuer),
        ("forged", 401, AccessDiagnostics.WrongSignature),
        ("replayed after rotation", 401, AccessDiagnostics.UnknownKey),
        ("alg:none", 401, AccessDiagnostics.MalformedToken),
        ("alg:none with a signature", 401, AccessDiagnostics.WrongAlgorithm),
        ("key confusion", 401, AccessDiagnostics.WrongAlgorithm),
        ("as a gateway token", 401, AccessDiagnostics.MalformedGatewayToken),
    ];

    private static readonly (string Case, int Status, string Code)[] KeyCases =
    [
        ("right", 200, ""),
        ("wrong credential", 401, AccessDiagnostics.GatewayTokenForged),
        ("expired", 401, AccessDiagnostics.GatewayTokenExpired),
        ("revoked", 401, AccessDiagnostics.GatewayTokenForged),
        ("wrong audience", 401, AccessDiagnostics.GatewayTokenElsewhere),
        ("wrong tenant", 401, AccessDiagnostics.GatewayTokenForged),
        ("forged", 401, AccessDiagnostics.GatewayTokenForged),
        ("replayed after rotation", 401, AccessDiagnostics.GatewayTokenForged),
        ("alg:none", 401, AccessDiagnostics.MalformedGatewayToken),
        ("key confusion", 401, AccessDiagnostics.GatewayTokenForged),
        ("as a bearer token", 401, AccessDiagnostics.MalformedToken),
    ];

    public static TheoryData<string, string, int, string> Matrix => new(
        EntraMethods.SelectMany(method => EntraCases.Select(one => (method, one.Case, one.Status, one.Code)))
            .Concat(KeyMethods.SelectMany(method => KeyCases.Select(one => (method, one.Case, one.Status, one.Code)))));

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task None_lets_in_but_the_right_one(string method, string what, int status, string code)
    {
        var authorization = KeyMethods.Contains(method)
            ? await chain.GatewayTokenAsync(method.Split(' ')[0], what)
            : await chain.EntraTokenAsync(method, what);

        Assert.Equal(code == Login, authorization is null);
        if (authorization is not null)
        {
            var answer = await chain.Host.SnapshotAsync(chain.Plane, authorization);
            Assert.Equal((status, code.Length == 0 ? null : code), (answer.Status, answer.Error?.Diagnostic));
        }

        await chain.MendAsync();
        Assert.Equal(200, (await chain.Host.SnapshotAsync(chain.Plane)).Status);
    }

    [Theory]
    [InlineData("right", 200, "")]
    [InlineData("expired", 401, AccessDiagnostics.Expired)]
    [InlineData("revoked", 403, AccessDiagnostics.ActionNotPermitted)]
    [InlineData("wrong audience", 401, AccessDiagnostics.WrongAudience)]
    [InlineData("wrong tenant", 401, AccessDiagnostics.WrongIssuer)]
    [InlineData("forged", 401, AccessDiagnostics.WrongSignature)]
    [InlineData("replayed after rotation", 401, AccessDiagnostics.UnknownKey)]
    [InlineData("alg:none", 401, AccessDiagnostics.MalformedToken)]
    [InlineData("key confusion", 401, AccessDiagnostics.WrongAlgorithm)]
    [InlineData("as a gateway token", 401, AccessDiagnostics.WrongScheme)]
    public async Task The_management_api_is_as_strict(string what, int status, string code)
    {
        var authorization = await chain.ManagementTokenAsync(what);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(chain.Plane, $"{Gateway}?api-version=2024-05-01"));
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await chain.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);

        Assert.Equal((status, code), ((int)response.StatusCode, body!["error"]?["diagnostic"]?.GetValue<string>() ?? ""));
        Assert.Equal(status == 401, response.Headers.WwwAuthenticate.Count > 0);
        await chain.MendAsync();
    }

    /// <summary>One chain for all cases: each spoils something and has it mended.</summary>
    public sealed class Chain : IAsyncLifetime
    {
        private const string ServiceAccount = "system:serviceaccount:apim:gateway";
        private const string Exchange = "api://AzureADTokenExchange";

        private readonly X509Certificate2 _certificate = MakeCertificate();
        private readonly X509Certificate2 _otherCertificate = MakeCertificate();
        private readonly List<Func<Task>> _mending = [];
        private TestIssuer _cluster = null!;
        private string _reader = "";

        internal ChainHost Host { get; private set; } = null!;

        internal Uri Plane { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Host = await ChainHost.StartAsync();
            Plane = await Host.StartPlaneAsync();
            _cluster = await TestIssuer.StartAsync(Host.Certificates, Host.Time);
            var identity = await Host.SetUpAsync(Plane);
            await Host.ManageAsync(Plane, HttpMethod.Put, Service + "/gateways/other", """{"properties":{}}""");
            await Host.AssignAsync(Plane, Group, ValidatorRole, identity);
            _reader = await Host.AssignAsync(Plane, Service, ReaderRole, GatewayApp.ObjectId);
            var application = (await Host.GraphAsync(HttpMethod.Get, $"applications(appId='{GatewayApp.ClientId}')", null))["id"]!.GetValue<string>();
            await Host.GraphAsync(HttpMethod.Patch, $"applications/{application}",
                $$"""{"keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","key":"{{Convert.ToBase64String(_certificate.RawData)}}"}]}""");
            await Host.GraphAsync(HttpMethod.Post, $"applications/{application}/federatedIdentityCredentials",
                $$"""{"name":"cluster","issuer":"{{_cluster.IssuerV2}}","subject":"{{ServiceAccount}}","audiences":["{{Exchange}}"]}""");
        }

        public async ValueTask DisposeAsync()
        {
            await _cluster.DisposeAsync();
            await Host.DisposeAsync();
            _certificate.Dispose();
            _otherCertificate.Dispose();
        }

        internal async Task MendAsync()
        {
            foreach (var mend in _mending)
            {
                await mend();
            }

            _mending.Clear();
        }

        /// <returns>Value of Authorization; null when the login was refused.</returns>
        internal async Task<string?> EntraTokenAsync(string method, string what)
        {
            var token = await LoginAsync(method, what);
            if (token is null)
            {
                return null;
            }

            if (what == "revoked")
            {
                await Host.RemoveAsync(Plane, _reader);
                _mending.Add(async () => _reader = await Host.AssignAsync(Plane, Service, ReaderRole, GatewayApp.ObjectId));
            }

            return await SpoilAsync(token, what, () => LoginAsync(method, "right"), Configuration);
        }

        internal async Task<string> ManagementTokenAsync(string what)
        {
            var own = Plane.AbsoluteUri.TrimEnd('/');
            var token = what switch
            {
                "wrong audience" => await Host.TokenAsync(Operator, Configuration),
                "wrong tenant" => await Host.TokenAsync(Stranger, own, OtherTenant),
                // Nobody was ever given a management role but the operator.
                "revoked" => await Host.TokenAsync(GatewayApp, own),
                _ => await Host.TokenAsync(Operator, own),
            };
            return await SpoilAsync(token, what, async () => await Host.TokenAsync(Operator, own), own);
        }

        internal async Task<string> GatewayTokenAsync(string keyType, string what)
        {
            var keys = await Host.ManageAsync(Plane, HttpMethod.Post, Gateway + "/listKeys");
            var key = keys[keyType]!.GetValue<string>();
            var tomorrow = Host.Time.GetUtcNow().AddDays(1);
            var issued = (await Host.ManageAsync(Plane, HttpMethod.Post, Gateway + "/generateToken", $$"""{"keyType":"{{keyType}}","expiry":"{{tomorrow:yyyy-MM-ddTHH:mm:ssZ}}"}"""))["value"]!.GetValue<string>();
            var token = GatewayToken.Parse(issued)!;
            if (what is "revoked" or "replayed after rotation")
            {
                await Host.ManageAsync(Plane, HttpMethod.Post, Gateway + "/regenerateKey", $$"""{"keyType":"{{keyType}}"}""");
            }

            var value = what switch
            {
                "wrong credential" => GatewayToken.Sign("on-prem", tomorrow, "guessed").Value,
                "expired" => GatewayToken.Sign("on-prem", Host.Time.GetUtcNow().AddMinutes(-1), key).Value,
                "wrong audience" => GatewayToken.Sign("other", tomorrow, key).Value,
                // The key of another gateway.
                "wrong tenant" => GatewayToken.Sign("on-prem", tomorrow, (await Host.ManageAsync(Plane, HttpMethod.Post, Service + "/gateways/other/listKeys"))[keyType]!.GetValue<string>()).Value,
                "forged" => (token with { Expiry = tomorrow.AddYears(1) }).Value,
                "alg:none" => $"on-prem&{tomorrow:yyyyMMddHHmm}&",
                "key confusion" => GatewayToken.Sign("on-prem", tomorrow, issued).Value,
                _ => issued,
            };
            return $"{(what == "as a bearer token" ? "Bearer" : "GatewayKey")} {value}";
        }

        private async Task<string?> LoginAsync(string method, string what)
        {
            var audience = what == "wrong audience" ? "https://management.azure.com" : Configuration;
            if (what == "wrong tenant")
            {
                return await Host.TokenAsync(Stranger, audience, OtherTenant);
            }

            (string, string)[] proof = method switch
            {
                "secret" => [("client_secret", what switch
                {
                    "wrong credential" => "guessed",
                    "expired credential" => await ExpiredSecretAsync(),
                    _ => GatewayApp.Secret!,
                })],
                "certificate" => Assertion(CertificateAssertion(what)),
                _ => Assertion(ServiceAccountToken(what)),
            };
            return (await Host.LoginAsync(GatewayApp.ClientId, audience, Tenant, proof)).Token;
        }

        private static (string, string)[] Assertion(string token) =>
            [("client_assertion", token), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")];

        private async Task<string> ExpiredSecretAsync()
        {
            var application = (await Host.GraphAsync(HttpMethod.Get, $"applications(appId='{GatewayApp.ClientId}')", null))["id"]!.GetValue<string>();
            var made = await Host.GraphAsync(HttpMethod.Post, $"applications/{application}/addPassword",
                $$$"""{"passwordCredential":{"displayName":"short","endDateTime":"{{{Host.Time.GetUtcNow().AddMinutes(1):yyyy-MM-ddTHH:mm:ssZ}}}"}}""");
            Host.Time.Advance(TimeSpan.FromHours(1));
            return made["secretText"]!.GetValue<string>();
        }

        private string CertificateAssertion(string what)
        {
            var certificate = what == "wrong credential" ? _otherCertificate : _certificate;
            var now = Host.Time.GetUtcNow().AddHours(what == "expired credential" ? -2 : 0);
            var endpoint = new Uri(Host.Authority, $"{Tenant}/oauth2/v2.0/token").AbsoluteUri;
            return TestIssuer.Sign(
                new() { ["alg"] = "RS256", ["typ"] = "JWT", ["x5t"] = Base64Url.EncodeToString(certificate.GetCertHash()) },
                new()
                {
                    ["aud"] = endpoint,
                    ["iss"] = GatewayApp.ClientId,
                    ["sub"] = GatewayApp.ClientId,
                    ["jti"] = Guid.NewGuid().ToString(),
                    ["nbf"] = now.ToUnixTimeSeconds(),
                    ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
                },
                certificate.GetRSAPrivateKey());
        }

        private string ServiceAccountToken(string what)
        {
            var claims = _cluster.Claims(Exchange, "ignored");
            claims["sub"] = what == "wrong credential" ? "system:serviceaccount:apim:other" : ServiceAccount;
            if (what == "expired credential")
            {
                claims["nbf"] = Host.Time.GetUtcNow().AddHours(-2).ToUnixTimeSeconds();
                claims["exp"] = Host.Time.GetUtcNow().AddHours(-1).ToUnixTimeSeconds();
            }

            return _cluster.Token(claims);
        }

        private async Task<string> SpoilAsync(string token, string what, Func<Task<string?>> loginAgain, string audience)
        {
            var parts = token.Split('.');
            JsonObject Part(int index) => (JsonObject)JsonNode.Parse(Base64UrlEncoder.Decode(parts[index]))!;
            using var own = RSA.Create(2048);
            switch (what)
            {
                case "expired":
                    Host.Time.Advance(TimeSpan.FromMinutes(70));
                    break;
                case "forged":
                    return "Bearer " + TestIssuer.Sign(Part(0), Part(1), own);
                case "alg:none":
                    return $"Bearer {Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT","kid":"x"}""")}.{parts[1]}.";
                case "alg:none with a signature":
                    return $"Bearer {Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT","kid":"x"}""")}.{parts[1]}.{parts[2]}";
                case "key confusion":
                    var keys = await Host.Client.GetFromJsonAsync<JsonObject>(new Uri(Host.Authority, $"{Tenant}/discovery/v2.0/keys"), TestContext.Current.CancellationToken);
                    var header = Part(0);
                    header["alg"] = "HS256";
                    return "Bearer " + TestIssuer.SignHmac(header, Part(1), Base64UrlEncoder.DecodeBytes(keys!["keys"]![0]!["n"]!.GetValue<string>()));
                case "replayed after rotation":
                    await Host.GraphAsync(HttpMethod.Post, "signingKeys/rotate", """{"revoke":true}""");
                    Host.ForgetTokens();
                    Host.Time.Advance(TimeSpan.FromSeconds(31));
                    // A token of the new key makes the control plane look, and forget the old one.
                    using (var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Plane, audience == Configuration ? "gateways/on-prem/snapshot" : $"{Gateway}?api-version=2024-05-01")))
                    {
                        request.Headers.Authorization = new("Bearer", await loginAgain());
                        using var response = await Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
                        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
                    }

                    break;
                case "as a gateway token":
                    return "GatewayKey " + token;
            }

            return "Bearer " + token;
        }

        private static X509Certificate2 MakeCertificate()
        {
            using var key = RSA.Create(2048);
            var now = TimeProvider.System.GetUtcNow();
            return new CertificateRequest("CN=gateway", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddYears(-1), now.AddYears(1));
        }
    }
}
