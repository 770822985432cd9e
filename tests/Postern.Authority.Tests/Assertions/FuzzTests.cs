using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Postern.Authority.Assertions;
using Postern.Authority.Graph;
using Postern.Authority.Tenancy;
using Postern.Authority.Tokens;
using Postern.Testing;

namespace Postern.Authority.Tests.Assertions;

/// <summary>Broken tokens of a fixed seed: whatever fails here fails again.</summary>
public sealed class FuzzTests(SharedAuthority shared) : IClassFixture<SharedAuthority>
{
    private static readonly string Honest = JwtWriter.Sign(
        new() { ["kid"] = "k", ["x5t"] = Convert.ToBase64String(ClientCertificates.First.GetCertHash()), ["x5c"] = new JsonArray(Convert.ToBase64String(ClientCertificates.First.RawData)) },
        new() { ["iss"] = "i", ["sub"] = "s", ["aud"] = new JsonArray("a"), ["exp"] = 1.5, ["nbf"] = "7", ["deep"] = new JsonObject { ["x"] = new JsonArray(1, 2) } },
        ClientCertificates.First.GetRSAPrivateKey()!, "RS256");

    [Fact]
    public void No_damage_makes_the_reader_throw_or_a_signature_hold()
    {
        var random = new Random(20260730);
        var certificate = new ClientCertificate("id", null, ClientCertificates.First.RawData, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        var key = VerificationKey.Of(ClientCertificates.First)!;
        Assert.True(Holds(Honest, key, certificate));

        for (var round = 0; round < 5_000; round++)
        {
            var damaged = Damage(Honest, random);
            Assert.False(damaged != Honest && Holds(damaged, key, certificate), damaged);
        }
    }

    [Fact]
    public void No_shape_of_claims_makes_the_checks_throw()
    {
        string[] values = ["null", "5", "-1", "1e400", "1e308", "\"x\"", "\"99999999999999999999\"", "[]", "[null]", "{}", "true", "[\"a\",5]", "\"\"", "253402300799"];
        foreach (var member in (string[])["iss", "sub", "aud", "exp", "nbf", "iat", "jti"])
        {
            foreach (var value in values)
            {
                using var token = CompactJws.Parse($"{JwtWriter.Encode("{\"alg\":\"RS256\"}")}.{JwtWriter.Encode($"{{\"{member}\":{value}}}")}.AAAA");
                Assert.NotNull(token);
                Assert.NotNull(AssertionTimes.Refuse(token, DateTimeOffset.UnixEpoch.AddYears(60)));
                CompactJws.HasAudience(token.Payload, _ => true);
                CompactJws.Text(token.Payload, member);
            }
        }

        foreach (var member in (string[])["alg", "kid", "x5t", "x5t#S256", "x5c"])
        {
            foreach (var value in values)
            {
                using var token = CompactJws.Parse($"{JwtWriter.Encode($"{{\"{member}\":{value}}}")}.{JwtWriter.Encode("{}")}.AAAA");
                Assert.NotNull(token);
                Assert.Null(NamedCertificate.Find(token, []).Certificate);
                Assert.Null(SignatureAlgorithm.Named(token.Algorithm));
            }
        }
    }

    [Theory]
    [InlineData("{\"sub\":\"\\ud800\"}")]
    [InlineData("{\"\\udc00\":1}")]
    [InlineData("{\"sub\":\"\u00ff\"}")]
    public void A_text_that_is_not_Unicode_makes_no_token(string claims)
    {
        var bytes = Encoding.Latin1.GetBytes(claims);

        Assert.Null(CompactJws.Parse($"{JwtWriter.Encode("{\"alg\":\"RS256\"}")}.{System.Buffers.Text.Base64Url.EncodeToString(bytes)}.AAAA"));
    }

    [Fact]
    public async Task No_damaged_assertion_is_answered_with_anything_but_a_refusal()
    {
        var random = new Random(4);
        for (var round = 0; round < 150; round++)
        {
            using var answer = await shared.Authority.PostTokenAsync(TestAuthority.Form(
                TestAuthority.Reader, "https://x/.default", ("client_secret", null), ("client_assertion", Damage(Honest, random)),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")));

            Assert.InRange((int)answer.StatusCode, 400, 401);
            Assert.NotNull((await answer.Content.ReadFromJsonAsync<JsonObject>())!["error_codes"]);
        }
    }

    [Fact]
    public void No_filter_fails_otherwise_than_with_an_explanation()
    {
        var random = new Random(5);
        var filter = new GraphFilter<string>(new Dictionary<string, Func<string, IEnumerable<string>>>(StringComparer.Ordinal) { ["name"] = value => [value] });
        string[] pieces = ["name", "eq", "ne", "and", "or", "not", "(", ")", "'x'", "'", "startswith", ",", "/", "any", ":", "c", "null", "true", "\u00e9", "$"];
        var understood = 0;
        for (var round = 0; round < 5_000; round++)
        {
            string[] words = ["not", "(", "name", "eq", "'x'", "or", "startswith", "(", "name", ",", "'x'", ")", "and", "name", "/", "any", "(", "c", ":", "c", "ne", "null", ")", ")"];
            for (var times = random.Next(3); times > 0; times--)
            {
                words[random.Next(words.Length)] = pieces[random.Next(pieces.Length)];
            }

            var text = string.Join(' ', words.Take(random.Next(2) == 0 ? words.Length : random.Next(words.Length)));
            try
            {
                filter.Parse(text)("x");
                understood++;
            }
            catch (GraphBodyException problem)
            {
                Assert.NotEmpty(problem.Message);
            }
        }

        Assert.InRange(understood, 1, 4_999);
    }

    private static bool Holds(string text, VerificationKey key, ClientCertificate certificate)
    {
        using var token = CompactJws.Parse(text);
        return token is not null
            && NamedCertificate.Find(token, [certificate]).Certificate is not null
            && key.Verifies(token.Algorithm ?? "", token.Signed, token.Signature);
    }

    private static string Damage(string text, Random random)
    {
        var damaged = new StringBuilder(text);
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(damaged.Length);
            switch (random.Next(6))
            {
                case 0:
                    damaged[at] = (char)random.Next(1, 0x250);
                    break;
                case 1:
                    damaged.Remove(at, random.Next(1, Math.Min(20, damaged.Length - at + 1)));
                    break;
                case 2:
                    damaged.Insert(at, "ABCxyz012-_.=+/ \n"[random.Next(17)]);
                    break;
                case 3:
                    damaged[at] = '.';
                    break;
                case 4:
                    damaged.Length = Math.Max(1, at);
                    break;
                default:
                    damaged[at] = "ABCDEFGHIJabcdefghij0123456789-_"[random.Next(32)];
                    break;
            }
        }

        return damaged.ToString();
    }
}
