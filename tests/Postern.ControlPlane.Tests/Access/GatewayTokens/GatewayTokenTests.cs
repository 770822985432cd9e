using System.Security.Cryptography;
using System.Text;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.GatewayTokens;

namespace Postern.ControlPlane.Tests.Access.GatewayTokens;

public sealed class GatewayTokenTests
{
    private const string Id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso/gateways/on-prem";

    private readonly ManualTime _time = new();
    private readonly KeysByGateway _keys = new() { [Id] = new("primary key", "secondary key") };

    [Fact]
    public void The_signature_is_the_products()
    {
        var token = GatewayToken.Sign("gw1", new(2018, 8, 2, 5, 0, 59, TimeSpan.Zero), "the key");

        var expected = Convert.ToBase64String(HMACSHA512.HashData(Encoding.UTF8.GetBytes("the key"), Encoding.UTF8.GetBytes("gw1\n2018-08-02T05:00:00.0000000Z")));
        Assert.Equal($"gw1&201808020500&{expected}", token.Value);
        Assert.EndsWith("==", token.Value);
    }

    [Fact]
    public async Task A_token_of_either_key_is_good_until_its_minute()
    {
        foreach (var key in (string[])["primary key", "secondary key"])
        {
            var token = GatewayToken.Sign("on-prem", _time.GetUtcNow().AddMinutes(10), key).Value;
            Assert.Null(await CheckAsync(token));
        }

        var last = GatewayToken.Sign("on-prem", _time.GetUtcNow().AddMinutes(10), "primary key").Value;
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(AccessDiagnostics.GatewayTokenExpired, (await CheckAsync(last))?.Diagnostic);
    }

    [Theory]
    [InlineData(" ", "\n")]
    [InlineData("\r\n", "\t")]
    [InlineData("", "\r\n")]
    public async Task White_space_around_it_does_no_harm(string before, string after) =>
        Assert.Null(await CheckAsync(before + GatewayToken.Sign("on-prem", _time.GetUtcNow().AddDays(1), "primary key").Value + after));

    [Fact]
    public async Task A_regenerated_key_voids_its_tokens_at_once()
    {
        var token = GatewayToken.Sign("on-prem", _time.GetUtcNow().AddDays(1), "primary key").Value;
        _keys[Id] = new("another key", "secondary key");

        Assert.Equal(AccessDiagnostics.GatewayTokenForged, (await CheckAsync(token))?.Diagnostic);
    }

    [Fact]
    public async Task A_longer_life_needs_another_signature()
    {
        var token = GatewayToken.Sign("on-prem", _time.GetUtcNow().AddDays(1), "primary key");
        var prolonged = token with { Expiry = token.Expiry.AddDays(1000) };

        Assert.Equal(AccessDiagnostics.GatewayTokenForged, (await CheckAsync(prolonged.Value))?.Diagnostic);
    }

    [Fact]
    public async Task A_token_of_another_gateway_is_refused()
    {
        var token = GatewayToken.Sign("other", _time.GetUtcNow().AddDays(1), "primary key").Value;

        Assert.Equal(AccessDiagnostics.GatewayTokenElsewhere, (await CheckAsync(token))?.Diagnostic);
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_is_refused_in_the_words_of_a_forged_token()
    {
        var token = GatewayToken.Sign("on-prem", _time.GetUtcNow().AddDays(1), "primary key").Value;
        var unknown = await new GatewayTokenValidation(_keys, _time).CheckAsync(token, "on-prem", null, TestContext.Current.CancellationToken);
        var forged = await CheckAsync(GatewayToken.Sign("on-prem", _time.GetUtcNow().AddDays(1), "guessed").Value);

        Assert.Equal(forged, unknown.Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&&")]
    [InlineData("on-prem")]
    [InlineData("on-prem&202612010000")]
    [InlineData("on-prem&202612010000&")]
    [InlineData("on-prem&202612010000&AAAA")]
    [InlineData("on-prem&20261201&AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("on-prem&202613010000&AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("&202612010000&AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("GatewayKey on-prem&202612010000&AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
    public async Task What_has_another_shape_is_malformed(string text) =>
        Assert.Equal(AccessDiagnostics.MalformedGatewayToken, (await CheckAsync(text))?.Diagnostic);

    [Fact]
    public void Ids_may_hold_ampersands()
    {
        var token = GatewayToken.Sign("a&b", _time.GetUtcNow(), "k");

        Assert.Equal(token, GatewayToken.Parse(token.Value));
    }

    [Fact]
    public async Task Random_mutations_never_let_anybody_in_nor_throw()
    {
        var random = new Random(4);
        var good = GatewayToken.Sign("on-prem", _time.GetUtcNow().AddDays(1), "primary key").Value;
        for (var i = 0; i < 20_000; i++)
        {
            var characters = good.ToCharArray();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                characters[random.Next(characters.Length)] = random.Next(3) == 0 ? (char)random.Next(0x10000) : "&0129=+/aA "[random.Next(11)];
            }

            var mutated = new string(characters, 0, random.Next(5) == 0 ? random.Next(characters.Length) : characters.Length);
            Assert.True(await CheckAsync(mutated) is not null || mutated.Trim() == good, mutated);
        }
    }

    [Fact]
    public void Tokens_are_made_for_at_most_30_days()
    {
        var issuing = new GatewayTokenIssuing(_time);

        Assert.NotNull(issuing.Create("gw", "k", _time.GetUtcNow().AddDays(30)).Value);
        Assert.Contains("at most 30 days", issuing.Create("gw", "k", _time.GetUtcNow().AddDays(31)).Problem);
        Assert.Contains("must lie ahead", issuing.Create("gw", "k", _time.GetUtcNow().AddMinutes(-1)).Problem);
        Assert.Contains("must lie ahead", issuing.Create("gw", "k", _time.GetUtcNow()).Problem);
        Assert.Contains("at most 30 days", issuing.Create("gw", "k", DateTimeOffset.MaxValue).Problem);
    }

    [Fact]
    public void The_signature_is_not_in_what_logs_would_show() =>
        Assert.DoesNotContain("==", GatewayToken.Sign("gw", _time.GetUtcNow(), "k").ToString());

    private async ValueTask<GatewayTokenFault?> CheckAsync(string text) =>
        (await new GatewayTokenValidation(_keys, _time).CheckAsync(text, "on-prem", Id, TestContext.Current.CancellationToken)).Fault;

    private sealed class KeysByGateway : Dictionary<string, GatewayKeyPair>, IGatewayKeys
    {
        public ValueTask<GatewayKeyPair?> FindAsync(string gatewayResourceId, CancellationToken cancellation) => new(this.GetValueOrDefault(gatewayResourceId));
    }
}
