using System.Buffers.Text;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Postern.Policies.Tokens;

namespace Postern.Policies.Tests.Tokens;

public sealed class CompactTokenTests
{
    [Theory]
    [InlineData("""{"alg":"RS256"}""", true)]
    [InlineData("""{"alg":"RS256","alg":"none"}""", false)]
    [InlineData("""{"alg":"RS256","crit":["exp"]}""", false)]
    [InlineData("""{"alg":"RS256","zip":"DEF"}""", false)]
    [InlineData("""{"alg":"RS256","b64":false}""", false)]
    [InlineData("""{"alg":256}""", false)]
    [InlineData("""{"kid":"1"}""", false)]
    [InlineData("""["RS256"]""", false)]
    [InlineData("""{"alg":"RS256"} {}""", false)]
    [InlineData("{\"alg\":\"\\ud800\"}", false)]
    public void Headers_are_read_strictly(string header, bool isToken) =>
        Assert.Equal(isToken, CompactToken.Parse($"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.e30.AA") is not null);

    [Theory]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AA.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9=.e30.AA")]
    [InlineData(" eyJhbGciOiJSUzI1NiJ9.e30.AA")]
    [InlineData("eyJhbGciOiJS\nUzI1NiJ9.e30.AA")]
    [InlineData("")]
    public void Only_compact_tokens_are_taken(string text) => Assert.Null(CompactToken.Parse(text));

    [Fact]
    public void A_token_beyond_all_measure_is_refused() =>
        Assert.Null(CompactToken.Parse($"eyJhbGciOiJSUzI1NiJ9.{new string('A', CompactToken.Longest)}.AA"));

    [Fact]
    public void Nothing_that_is_sent_makes_the_reader_throw() => Prop
        .ForAll(ArbMap.Default.ArbFor<string[]>(), ArbMap.Default.ArbFor<byte[]>(), (texts, bytes) =>
        {
            var encoded = Base64Url.EncodeToString(bytes ?? []);
            _ = CompactToken.Parse(string.Join('.', texts ?? []));
            _ = CompactToken.Parse($"{encoded}.{encoded}.{encoded}");
            _ = TokenClaims.Read(bytes);
        })
        .QuickCheckThrowOnFailure();
}
