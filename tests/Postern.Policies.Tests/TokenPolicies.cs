using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Postern.Policies.Testing;

namespace Postern.Policies.Tests;

/// <summary>Token policies with asymmetric keys, which no file could hold: the case files are made here.</summary>
public sealed class TokenPolicies
{
    private const long Noon = 1768478400;

    private static readonly RSA Rsa = RSA.Create(2048);
    private static readonly RSA OtherRsa = RSA.Create(2048);
    private static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS512")]
    [InlineData("ES256")]
    public Task A_token_signed_with_a_published_key_passes(string algorithm) =>
        Run($"{Discovery(Jwk("k1"), EcJwk("e1"))}{Policy}{Request(Token(algorithm, algorithm == "ES256" ? "e1" : "k1"))}--- response\n200\n");

    [Fact]
    public Task A_token_of_an_unknown_key_makes_the_gateway_read_the_keys_again() => Run(
        $"{Discovery(Jwk("old"))}{Policy}{Request(Token("RS256", "old"))}--- response\n200\n--- wait 400\n{Discovery(Jwk("new"))}"
        + $"{Request(Token("RS256", "new", validFor: 4000))}--- response\n200\n--- http-request 2\nGET https://issuer.example/keys\n");

    [Fact]
    public Task It_reads_them_again_at_most_every_five_minutes() => Run(
        $"{Discovery(Jwk("old"))}{Policy}{Request(Token("RS256", "old"))}--- response\n200\n{Request(Token("RS256", "forged"))}--- response\n401\n"
        + $"--- last-error\nReason = TokenSignatureKeyNotFound\n--- http-request none\n");

    [Fact]
    public Task A_public_key_is_never_taken_for_a_shared_secret()
    {
        var forged = Sign("HS256", "k1", 60, data => HMACSHA256.HashData(Encoding.ASCII.GetBytes(Rsa.ExportSubjectPublicKeyInfoPem()), data));
        return Run($"{Discovery(Jwk("k1"))}{Policy}{Request(forged)}--- response\n401\n--- last-error\nReason = TokenSignatureKeyNotFound\n");
    }

    [Fact]
    public Task A_signature_of_another_key_is_refused() => Run(
        $"{Discovery(Jwk("k1"))}{Policy}{Request(Sign("RS256", "k1", 60, data => OtherRsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)))}"
        + "--- response\n401\n--- last-error\nReason = TokenSignatureInvalid\n");

    [Fact]
    public Task A_token_of_another_issuer_is_refused() => Run(
        $"{Discovery(Jwk("k1"))}{Policy}{Request(Token("RS256", "k1", issuer: "https://other.example"))}--- response\n401\n--- last-error\nReason = TokenIssuerNotAllowed\n");

    [Fact]
    public Task An_issuer_that_cannot_be_reached_refuses_tokens_and_says_why() => Run(
        $"{Policy}{Request(Token("RS256", "k1"))}--- response\n401\n--- last-error\nReason = TokenSignatureKeyNotFound\n--- trace\nNothing listens at https://issuer.example/.well-known/openid-configuration\n");

    [Fact]
    public Task Keys_serve_on_when_the_issuer_goes_away() => Run(
        $"{Discovery(Jwk("k1"))}{Policy}{Request(Token("RS256", "k1"))}--- response\n200\n--- wait 4000\n--- http https://issuer.example/.well-known/openid-configuration fails\n\n"
        + $"{Request(Token("RS256", "k1", validFor: 5000))}--- response\n200\n");

    [Fact]
    public Task An_encrypted_token_is_opened_first()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var token = Encrypt(secret, Token("RS256", "k1"));
        return Run($"""
            {Discovery(Jwk("k1"))}--- policy
            <inbound><validate-jwt header-name="Authorization"><openid-config url="https://issuer.example/.well-known/openid-configuration" />
            <decryption-keys><key>{Convert.ToBase64String(secret)}</key></decryption-keys></validate-jwt></inbound>
            {Request(token)}--- response
            200
            {Request(token[..^4] + "AAAA")}--- response
            401
            """);
    }

    [Theory]
    [InlineData("11111111-0000-0000-0000-000000000000", "https://login.microsoftonline.com/11111111-0000-0000-0000-000000000000")]
    [InlineData("https://localhost:8443/contoso", "https://localhost:8443/contoso")]
    public Task An_entra_token_is_checked_by_tenant_and_application(string tenant, string address)
    {
        var policy = $"--- policy\n<inbound><validate-azure-ad-token tenant-id=\"{tenant}\"><client-application-ids><application-id>app-1</application-id></client-application-ids>"
            + "<audiences><audience>api://x</audience></audiences></validate-azure-ad-token></inbound>\n";
        var discovery = $"--- http {address}/v2.0/.well-known/openid-configuration\n200\n\n{{\"issuer\":\"{address}/v2.0\",\"jwks_uri\":\"{address}/keys\"}}\n"
            + $"--- http {address}/.well-known/openid-configuration\n200\n\n{{\"issuer\":\"https://sts.windows.net/t/\",\"jwks_uri\":\"{address}/keys\"}}\n"
            + $"--- http {address}/keys\n200\n\n{{\"keys\":[{Jwk("k1")}]}}\n";
        string Entra(string issuer, string app, string audience) => Request(Token("RS256", "k1", issuer, extra: $",\"azp\":\"{app}\",\"aud\":\"{audience}\""));
        return Run($"{discovery}{policy}{Entra($"{address}/v2.0", "app-1", "api://x")}--- response\n200\n{Entra("https://sts.windows.net/t/", "APP-1", "api://x")}--- response\n200\n"
            + $"{Entra($"{address}/v2.0", "app-2", "api://x")}--- response\n401\n--- last-error\nSource = validate-azure-ad-token\nReason = TokenClaimValueNotAllowed\n"
            + $"{Entra($"{address}/v2.0", "app-1", "api://y")}--- response\n401\n--- last-error\nReason = TokenAudienceNotAllowed\n"
            + "--- request\nGET /a\n--- response\n401\n--- last-error\nReason = TokenNotPresent\n");
    }

    private const string Policy =
        "--- policy\n<inbound><validate-jwt header-name=\"Authorization\"><openid-config url=\"https://issuer.example/.well-known/openid-configuration\" /></validate-jwt></inbound>\n";

    private static async Task Run(string text)
    {
        var failures = await PolicyCaseRunner.RunAsync(PolicyCase.Parse("made.case", text.ReplaceLineEndings("\n")));
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static string Request(string token) => $"--- request\nGET /a\nAuthorization: Bearer {token}\n";

    private static string Discovery(params string[] keys) =>
        "--- http https://issuer.example/.well-known/openid-configuration\n200\n\n{\"issuer\":\"https://issuer.example\",\"jwks_uri\":\"https://issuer.example/keys\"}\n"
        + $"--- http https://issuer.example/keys\n200\n\n{{\"keys\":[{string.Join(',', keys)}]}}\n";

    private static string Jwk(string id)
    {
        var key = Rsa.ExportParameters(false);
        return $"{{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"{id}\",\"n\":\"{WebEncoders.Base64UrlEncode(key.Modulus!)}\",\"e\":\"{WebEncoders.Base64UrlEncode(key.Exponent!)}\"}}";
    }

    private static string EcJwk(string id)
    {
        var key = Ec.ExportParameters(false);
        return $"{{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"{id}\",\"x\":\"{WebEncoders.Base64UrlEncode(key.Q.X!)}\",\"y\":\"{WebEncoders.Base64UrlEncode(key.Q.Y!)}\"}}";
    }

    private static string Token(string algorithm, string id, string issuer = "https://issuer.example", long validFor = 600, string extra = "")
    {
        var hash = new HashAlgorithmName($"SHA{algorithm[2..]}");
        return Sign(algorithm, id, validFor, data => algorithm[0] == 'E' ? Ec.SignData(data, hash)
            : Rsa.SignData(data, hash, algorithm[0] == 'R' ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss), issuer, extra);
    }

    private static string Sign(string algorithm, string id, long validFor, Func<byte[], byte[]> sign, string issuer = "https://issuer.example", string extra = "")
    {
        var signed = $"{Encode($"{{\"alg\":\"{algorithm}\",\"kid\":\"{id}\"}}")}.{Encode($"{{\"iss\":\"{issuer}\",\"exp\":{Noon + validFor}{extra}}}")}";
        return $"{signed}.{WebEncoders.Base64UrlEncode(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(string text) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(text));

    private static string Encrypt(byte[] secret, string token)
    {
        var header = Encode("{\"alg\":\"dir\",\"enc\":\"A128CBC-HS256\"}");
        var iv = RandomNumberGenerator.GetBytes(16);
        using var aes = Aes.Create();
        aes.Key = secret[16..];
        var cipher = aes.EncryptCbc(Encoding.UTF8.GetBytes(token), iv);
        var length = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(length, header.Length * 8L);
        var tag = HMACSHA256.HashData(secret[..16], (byte[])[.. Encoding.ASCII.GetBytes(header), .. iv, .. cipher, .. length])[..16];
        return string.Join('.', header, "", WebEncoders.Base64UrlEncode(iv), WebEncoders.Base64UrlEncode(cipher), WebEncoders.Base64UrlEncode(tag));
    }
}
